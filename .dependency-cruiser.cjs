/** The arrows of the house: who may import whom. A room that is not listed under `may` may import none of ours. */
const may = {
  'spiffe-id': [],
  der: [],
  refresh: [],
  mounts: [],
  rpc: [],
  keys: ['der'],
  csr: ['der', 'keys'],
  certificate: ['der', 'keys', 'spiffe-id'],
  'trust-bundle': ['spiffe-id', 'der', 'keys', 'certificate'],
  svid: ['spiffe-id', 'der', 'keys', 'certificate', 'trust-bundle'],
  'token-review': ['spiffe-id'],
  identity: ['spiffe-id', 'der', 'keys', 'csr', 'certificate', 'token-review'],
  workload: ['refresh', 'mounts', 'csr', 'certificate', 'keys', 'der', 'spiffe-id', 'svid', 'trust-bundle'],
  cli: [
    'spiffe-id',
    'der',
    'keys',
    'csr',
    'certificate',
    'token-review',
    'identity',
    'refresh',
    'mounts',
    'workload',
    'svid',
    'trust-bundle',
  ],
}
const portable = [
  'spiffe-id',
  'der',
  'refresh',
  'keys',
  'csr',
  'certificate',
  'trust-bundle',
  'svid',
  'token-review',
  'identity',
]

const arrows = Object.entries(may).map(([room, targets]) => ({
  name: `arrows-of-${room}`,
  comment: `${room} may import ${targets.length ? targets.join(', ') : 'no other package of ours'}`,
  severity: 'error',
  from: { path: `^packages/${room}/src/` },
  to: { path: '^packages/([^/]+)/', pathNot: [room, ...targets].map((name) => `^packages/${name}/`) },
}))

module.exports = {
  forbidden: [
    ...arrows,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'nothing-imports-examples',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^examples/' },
    },
    {
      name: 'only-tests-import-testkit',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: '^packages/testkit/' },
      to: { path: '^packages/testkit/' },
    },
    {
      name: 'portable-has-no-node',
      comment: 'node: only under src/node/ and its entry src/node.ts',
      severity: 'error',
      from: { path: `^packages/(${portable.join('|')})/src/`, pathNot: '/src/node(/|\\.ts$)' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'portable-has-no-node-subpath',
      severity: 'error',
      from: { path: `^packages/(${portable.join('|')})/src/`, pathNot: '/src/node(/|\\.ts$)' },
      to: { path: '/src/node(/|\\.ts$)' },
    },
    {
      name: 'asn1-libraries-in-codec-only',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: ['^packages/[^/]+/src/codec\\.ts$', '^packages/testkit/'] },
      to: { path: 'node_modules/(pkijs|asn1js)/' },
    },
    {
      name: 'jose-in-jwks-only',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: ['/jwks\\.ts$', '^packages/testkit/'] },
      to: { path: 'node_modules/jose/' },
    },
    {
      name: 'no-reach-into-a-package',
      comment: 'import another package by its name, never by a path into its folder',
      severity: 'error',
      from: { path: '^(packages|examples)/([^/]+)/' },
      to: { path: '^packages/', pathNot: ['^packages/$2/', '/src/(index|node|grpc|undici)\\.ts$'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|coverage|generated)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@meshid/source', 'import', 'node', 'default', 'types'],
    },
  },
}
