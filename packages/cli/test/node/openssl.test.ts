import { openssl } from '@meshid/testkit'
import { describe, expect, test } from 'vitest'
import {
  createCaPair,
  createIssuerArguments,
  files,
  linesOfPem,
  meshid,
  meshidJson,
  useFolder,
  words,
} from '../meshid.ts'

const folder = useFolder()
const { path } = folder
const spiffeId = 'spiffe://cluster.local/ns/emojivoto/sa/web'

async function run(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await openssl(args)
  if (code !== 0) throw new Error(`expected openssl ${args.join(' ')} to end with 0, found ${code}: ${stderr}`)
  return stdout.toString()
}

describe('openssl takes what meshid writes', () => {
  test.each([[[]], [['--trust-domain', 'cluster.local']]])('a CA pair, strictly, with %j', async (options) => {
    await createCaPair(folder, options)
    const at = ['-attime', '1772625600'] // 2026-03-04T12:00:00Z
    const strict = ['verify', '-x509_strict', '-check_ss_sig', ...at, '-CAfile', path('ca.crt')]
    expect(await run(...strict, path('ca.crt'), path('issuer.crt'))).toBe(
      `${path('ca.crt')}: OK\n${path('issuer.crt')}: OK\n`,
    )
    const text = await run('x509', '-noout', '-text', '-in', path('issuer.crt'))
    expect(text).toContain('Issuer: CN = root.linkerd.cluster.local')
    expect(text).toContain('Subject: CN = identity.linkerd.cluster.local')
    expect(text).toMatch(/X509v3 Basic Constraints: critical\n\s+CA:TRUE, pathlen:0/)
    expect(text).toMatch(/X509v3 Key Usage: critical\n\s+Certificate Sign, CRL Sign\n/)
    expect(text.includes('URI:spiffe://cluster.local')).toBe(options.length > 0)
  })

  test('a leaf with its issuer, for both sides of TLS', async () => {
    await createCaPair(folder)
    const ca = files({ '--ca': path('issuer.crt'), '--ca-key': path('issuer.key') })
    const args = ['certificate', 'create', spiffeId, path('web.crt'), path('web.key'), ...ca]
    expect(await meshid(args)).toMatchObject({ code: 0, err: '' })
    for (const purpose of ['sslclient', 'sslserver']) {
      const chain = ['-CAfile', path('ca.crt'), '-untrusted', path('web.crt'), path('web.crt')]
      const strict = ['verify', '-x509_strict', '-purpose', purpose, '-attime', '1772625600']
      expect(await run(...strict, ...chain)).toBe(`${path('web.crt')}: OK\n`)
    }
    const text = await run('x509', '-noout', '-text', '-in', path('web.crt'))
    expect(text).toMatch(new RegExp(`Alternative Name: critical\\n\\s+URI:${spiffeId}\\n`))
    const digest = await run('x509', '-noout', '-fingerprint', '-sha256', '-in', path('web.crt'))
    const { out } = await meshid(['certificate', 'fingerprint', path('web.crt')])
    expect(digest.replace(/^.*=/, '').replaceAll(':', '').toLowerCase()).toBe(out.split('\n', 1)[0]?.concat('\n'))
    const own = await run('pkey', '-pubout', '-in', path('web.key'))
    expect(await run('x509', '-noout', '-pubkey', '-in', path('web.crt'))).toBe(own)
  })

  test.each(['ca', 'issuer'])('the key %s.key, which belongs to its certificate', async (name) => {
    await createCaPair(folder)
    expect(await run('pkey', '-check', '-noout', '-in', path(`${name}.key`))).toContain('Key is valid')
    const own = await run('pkey', '-pubout', '-in', path(`${name}.key`))
    expect(await run('x509', '-noout', '-pubkey', '-in', path(`${name}.crt`))).toBe(own)
  })

  test.each([spiffeId, 'web.emojivoto.serviceaccount.identity.linkerd.cluster.local'])('a CSR for %s', async (name) => {
    await run('ecparam', '-name', 'prime256v1', '-genkey', '-out', path('key.pem'))
    const created = await meshid([
      ...words(`csr create --name ${name}`),
      ...files({ '--key': path('key.pem'), '--out': path('csr.der') }),
    ])
    expect(created).toMatchObject({ code: 0, err: '' })
    const text = await run('req', '-verify', '-noout', '-text', '-inform', 'DER', '-in', path('csr.der'))
    expect(text).toContain(name.startsWith('spiffe:') ? `URI:${name}` : `DNS:${name}`)
  })
})

const keys: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'P-256 as ecparam writes it (EC PARAMETERS, then SEC1)': [words('ecparam -name prime256v1 -genkey -out ca.key')],
  'P-256 as step writes it (SEC1 alone)': [words('ecparam -name prime256v1 -genkey -noout -out ca.key')],
  'P-256 as PKCS#8': [words('genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ca.key')],
  'P-256 as DER': [
    words('ecparam -name prime256v1 -genkey -noout -out ca.pem'),
    words('pkcs8 -topk8 -nocrypt -in ca.pem -outform DER -out ca.key'),
  ],
  'P-384': [words('genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out ca.key')],
  Ed25519: [words('genpkey -algorithm Ed25519 -out ca.key')],
  'RSA as PKCS#1 (cert-manager)': [words('genrsa -traditional -out ca.key 2048')],
  'RSA as PKCS#8': [words('genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out ca.key')],
}

/** Names of the folder's files become paths into it. */
const inFolder = (args: readonly string[]): readonly string[] =>
  args.map((word) => (/^[\w-]+\.(?:key|pem|crt|csr|der)$/.test(word) ? path(word) : word))

async function createOpensslRoot(steps: readonly (readonly string[])[]): Promise<void> {
  for (const step of steps) await run(...inFolder(step))
  await run(
    ...inFolder(words('req -x509 -new -key ca.key -out ca.crt -days 3650 -subj /O=Example/CN=root')),
    ...words('-addext keyUsage=critical,keyCertSign,cRLSign'),
  )
}

describe('meshid takes what openssl writes', () => {
  test.each(Object.entries(keys))('a root with a %s key signs an issuer that openssl verifies', async (_, steps) => {
    await createOpensslRoot(steps)
    const now = new Date()
    expect(await meshid(createIssuerArguments(folder), { now })).toMatchObject({ code: 0, err: '' })
    expect(await run('verify', '-x509_strict', '-CAfile', path('ca.crt'), path('issuer.crt'))).toContain('OK')
    const args = ['certificate', 'verify', path('issuer.crt'), '--trust-anchors', path('ca.crt')]
    expect(await meshid([...args, '--purpose', 'issuer'], { now })).toMatchObject({ code: 0, err: '' })
    expect(await meshid(['key', 'inspect', path('ca.key')])).toMatchObject({ code: 0, err: '' })
  })

  test('a key with a passphrase is refused, and the next step says how to remove it', async () => {
    await run(...inFolder(words('genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ca.key')))
    await run(...inFolder(words('pkcs8 -topk8 -in ca.key -passout pass:x -out locked.key')))
    const { code, err } = await meshid(['key', 'inspect', path('locked.key')])
    expect(code).toBe(1)
    expect(err).toMatch(/^meshid: KEYS_ENCRYPTED: .*locked\.key: .*\n {2}next: .*`openssl pkey`/)
    for (const line of linesOfPem(await folder.read('locked.key'))) expect(err).not.toContain(line)
  })

  test('a leaf and its issuer of openssl verify, and the JSON has their names', async () => {
    await createCaPair(folder, [], { now: new Date() })
    await folder.write(
      'leaf.cnf',
      `basicConstraints = critical,CA:FALSE\nkeyUsage = critical,digitalSignature\nextendedKeyUsage = serverAuth,clientAuth
subjectAltName = critical,URI:${spiffeId},DNS:web.test,IP:10.0.0.1,email:a@b.test\n`,
    )
    await run(
      ...inFolder(words('req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj / -out leaf.csr')),
      '-keyout',
      path('leaf.key'),
    )
    await run(
      ...inFolder(words('x509 -req -in leaf.csr -CA issuer.crt -CAkey issuer.key -days 1 -out leaf.crt -extfile')),
      path('leaf.cnf'),
    )
    const chain = await folder.write('chain.pem', (await folder.read('leaf.crt')) + (await folder.read('issuer.crt')))
    const { json } = await meshidJson(['certificate', 'inspect', chain])
    expect(json).toMatchObject({
      certificates: [
        {
          subject: '',
          spiffeId,
          keyUsage: ['digitalSignature'],
          extendedKeyUsage: ['serverAuth', 'clientAuth'],
          subjectAltNames: {
            uris: [spiffeId],
            dnsNames: ['web.test'],
            ipAddresses: ['10.0.0.1'],
            emailAddresses: ['a@b.test'],
          },
        },
        { subject: 'CN=identity.linkerd.cluster.local' },
      ],
    })
    const args = ['certificate', 'verify', chain, '--trust-anchors', path('ca.crt')]
    expect(await meshid(args, { now: new Date() })).toMatchObject({ code: 0, err: '' })
  })

  test.each(['P-256', 'P-384', 'Ed25519'])('a CSR with a %s key proves possession', async (algorithm) => {
    const type = algorithm === 'Ed25519' ? 'ed25519' : `ec -pkeyopt ec_paramgen_curve:${algorithm}`
    await run(
      ...inFolder(words(`req -new -newkey ${type} -nodes -subj /O=Example/CN=web -keyout a.key -out a.csr`)),
      ...words(`-addext subjectAltName=URI:${spiffeId},DNS:web.test,IP:10.0.0.1,otherName:1.2.3;UTF8:x`),
      ...words('-addext basicConstraints=CA:TRUE -addext keyUsage=keyCertSign'),
    )
    const { code, json } = await meshidJson(['csr', 'inspect', path('a.csr')])
    expect(code).toBe(0)
    expect(json).toMatchObject({
      subject: 'organizationName=Example, commonName=web',
      uris: [spiffeId],
      dnsNames: ['web.test'],
      ipAddresses: ['10.0.0.1'],
      otherNameCount: 1,
      publicKey: { algorithm },
      requestedExtensions: ['subjectAltName', 'basicConstraints', 'keyUsage'],
      possession: 'proven',
    })
    expect((await meshid(['csr', 'inspect', path('a.csr')])).out).toContain('Other names:         1\n')
  })

  test('a name in a CSR that would turn the line around is printed harmlessly, in text and JSON', async () => {
    const name = 'moc.live\u{202e}\u{e0041}'
    await run(
      ...inFolder(words('req -new -utf8 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout a.key -out a.csr')),
      ...words(`-subj /CN=${name}`),
    )
    const { out, json } = await meshidJson(['csr', 'inspect', path('a.csr')])
    expect(out).toContain('"commonName": "moc.live\\u202e\\udb40\\udc41"')
    expect(json).toMatchObject({ commonName: name })
    const { out: text } = await meshid(['csr', 'inspect', path('a.csr')])
    expect(text).toContain('commonName=moc.live\\u{202e}\\u{e0041}\n')
  })

  test('a CSR with an RSA key is shown, but its possession is not judged (Q9)', async () => {
    await run(...inFolder(words('req -new -newkey rsa:2048 -nodes -subj /CN=web -keyout a.key -out a.csr')))
    const { code, out, err } = await meshid(['csr', 'inspect', path('a.csr')])
    expect(code).toBe(1)
    expect(out + err).toContain('CSR_UNSUPPORTED_')
  })

  test('no request is written for an RSA key', async () => {
    await run(...inFolder(words('genrsa -out rsa.key 2048')))
    const { code, err } = await meshid([
      ...words(`csr create --name ${spiffeId}`),
      ...files({ '--key': path('rsa.key'), '--out': path('csr.der') }),
    ])
    expect(code).toBe(1)
    expect(err).toContain('meshid: CSR_UNSUPPORTED_KEY: ')
    expect(await meshid(['csr', 'inspect', path('csr.der')])).toMatchObject({
      code: 1,
      err: expect.stringContaining('CLI_FILE_MISSING'),
    })
  })
})
