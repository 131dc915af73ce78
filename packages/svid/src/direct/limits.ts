/** Most certificates of a chain that is decided here: a leaf, and CAs nested three deep. `verifySvid` takes more. */
export const MAX_DIRECT_CERTIFICATES = 4

/** Most bytes of them all, as `verifySvid` has it (X509-30). */
export const MAX_DIRECT_BYTES = 0x10000

/** Most extensions of one certificate, and most entries of a name or of an extension; a mesh's have less than ten of each. */
export const MAX_DIRECT_ITEMS = 32
