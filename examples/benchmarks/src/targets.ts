/** What must hold, as a ratio of two things that were measured in the same process and round. */
export interface Target {
  readonly id: string
  readonly what: string
  /** Whether the ratio must stay below `must` or reach it. */
  readonly better: 'lower' | 'higher'
  readonly must: number
  /** What a prototype has reached. */
  readonly stretch: number
  /** The program in `programs/` that measures it. */
  readonly program: string
  /** What it cannot be measured without, and what a machine may lack. */
  readonly needs?: string
}

/** F is one verification with a ready key and one signature by node:crypto, P-256 with SHA-256. */
export const targets: readonly Target[] = [
  {
    id: 'T1',
    what: 'CSR bytes to leaf, over F',
    better: 'lower',
    must: 1.3,
    stretch: 1.21,
    program: 'csr-to-leaf',
  },
  {
    id: 'T2',
    what: 'whole Certify call, server CPU over F',
    better: 'lower',
    must: 2,
    stretch: 1.8,
    program: 'certify-rpc',
  },
  {
    id: 'T3',
    what: 'the same for a CSR that was seen before',
    better: 'lower',
    must: 0.8,
    stretch: 0.67,
    program: 'certify-rpc',
  },
  {
    id: 'T4',
    what: 'whole Certify call: throughput of one core over grpc-js with pkijs',
    better: 'higher',
    must: 10,
    stretch: 11,
    program: 'certify-rpc',
  },
  {
    id: 'T4 Go',
    what: 'the same over grpc-go with crypto/x509',
    better: 'higher',
    must: 1.5,
    stretch: 1.6,
    program: 'certify-rpc',
    needs: 'Go',
  },
  {
    id: 'T5',
    what: 'share of the busy time of a loaded server inside OpenSSL',
    better: 'higher',
    must: 0.7,
    stretch: 0.8,
    program: 'profile-certify',
  },
  {
    id: 'T6',
    what: 'CSR parse: times as fast as asn1js',
    better: 'higher',
    must: 300,
    stretch: 760,
    program: 'parse-csr',
  },
  {
    id: 'T7',
    what: 'leaf assembly and signature, over the signature',
    better: 'lower',
    must: 1.15,
    stretch: 1.04,
    program: 'issue-leaf',
  },
  {
    id: 'T8',
    what: 'chain validation, over its bare verifications',
    better: 'lower',
    must: 1.25,
    stretch: 1.18,
    program: 'verify-chain',
  },
  {
    id: 'T8 remembered',
    what: 'the same with the issuer remembered',
    better: 'lower',
    must: 0.55,
    stretch: 0.51,
    program: 'verify-chain',
  },
  {
    id: 'T10 insert',
    what: 'refreshes scheduled: times as fast as setTimeout',
    better: 'higher',
    must: 40,
    stretch: 80,
    program: 'schedule-refreshes',
  },
  {
    id: 'T10 memory',
    what: 'refreshes scheduled: how often they fit in the memory of setTimeout',
    better: 'higher',
    must: 15,
    stretch: 26,
    program: 'schedule-refreshes',
  },
  {
    id: 'T11',
    what: 'SPIFFE ID scan, over new URL()',
    better: 'lower',
    must: 0.25,
    stretch: 0.12,
    program: 'scan-spiffe-id',
  },
  {
    id: 'T12',
    what: 'gzipped bundle that reads and validates an SVID, over the two classes of pkijs',
    better: 'lower',
    must: 0.125,
    stretch: 0.024,
    program: 'bundle-svid',
  },
  {
    id: 'T13',
    what: 'certificates a second on two cores over one, in one process',
    better: 'higher',
    must: 1.6,
    stretch: 1.78,
    program: 'use-cores',
    needs: 'second core',
  },
]
