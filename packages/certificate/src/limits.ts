// What certificates and bundles may hold

/** Longest certificate that is read; a workload's takes 700 bytes, a public server's with 100 names about 8 KiB. */
export const MAX_CERTIFICATE_BYTES = 0x10000

/** Most octets of a serial number (RFC 5280 section 4.1.2.2). */
export const MAX_SERIAL_NUMBER_BYTES = 20

/** Most extensions of one certificate; public CAs use about ten. */
export const MAX_EXTENSIONS = 32

/** Most purposes of one extended key usage. */
export const MAX_PURPOSES = 32

/** Most attributes of one name; honest names have fewer than ten. */
export const MAX_NAME_ATTRIBUTES = 64

/** Most names of one certificate; a workload has one or two, large public servers about a hundred. */
export const MAX_SUBJECT_ALT_NAMES = 512

/** Most name constraints of one CA, permitted and excluded together; real CAs have a dozen. */
export const MAX_NAME_CONSTRAINTS = 512

/** Longest PEM text that is read: 1 MiB, the most a ConfigMap or Secret can hold. */
export const MAX_BUNDLE_BYTES = 0x100000

/** Most certificates of one text; public trust bundles have about 150. */
export const MAX_BUNDLE_CERTIFICATES = 512

// What a chain may hold and a search for a path may cost, unless told otherwise

/** Most certificates that a peer or a file may send as one chain (X509-30). */
export const MAX_CHAIN_CERTIFICATES = 10

/** Most bytes of them all (X509-30). */
export const MAX_CHAIN_BYTES = 0x10000

/** Most intermediates of one path; self-issued ones do not count. */
export const MAX_INTERMEDIATES: number = MAX_CHAIN_CERTIFICATES - 1

/** Most issuers that one search looks at; an honest chain needs one for each certificate. */
export const MAX_CANDIDATES = 1024

/** Most signatures that one search verifies; an honest chain needs one for each certificate. */
export const MAX_SIGNATURE_CHECKS = 32

/** Most comparisons of a name with a name constraint in one search: 128 constraints on the 512 names of a certificate. */
export const MAX_NAME_COMPARISONS = 0x10000

/** How many good signatures on CA certificates are remembered unless told otherwise: under a megabyte of usual ones. */
export const DEFAULT_REMEMBERED_SIGNATURES = 1024

/** Longest certificate whose signature is remembered; an issuer has 600 bytes. */
export const MAX_REMEMBERED_BYTES = 4096

// What is issued, unless told otherwise and at most

/** Most characters of a common name: ub-common-name (RFC 5280 appendix A.1). */
export const MAX_COMMON_NAME_LENGTH = 64

/** How long a workload's leaf lives unless told otherwise: Linkerd's 24 hours (ISS-1). */
export const DEFAULT_LIFETIME_MS: number = 24 * 3_600_000

/** How long a CA lives unless told otherwise: 8760 h, as in Linkerd's guide. */
export const DEFAULT_CA_LIFETIME_MS: number = 8760 * 3_600_000

/** How far notBefore lies in the past unless told otherwise, for peers whose clock is behind: 10 s (ISS-2). */
export const DEFAULT_CLOCK_SKEW_MS = 10_000

/** How much of its path's life an issuer must have left unless told otherwise, or a whole lifetime if that is less (Q15). */
export const DEFAULT_MIN_REMAINING_MS = 60_000

/** Shortest lifetime: X.509 counts in seconds (RFC 5280 section 4.1.2.5). */
export const MIN_LIFETIME_MS = 1000

/** Longest lifetime: 100 years, more than any root needs. */
export const MAX_LIFETIME_MS: number = 100 * 365 * 24 * 3_600_000

/** Largest clock skew that may be allowed for: a day. */
export const MAX_CLOCK_SKEW_MS: number = 24 * 3_600_000

/** One leaf in this many is read and verified before it is released, unless told otherwise; it then costs next to nothing. */
export const DEFAULT_SELF_CHECK_INTERVAL = 1024
