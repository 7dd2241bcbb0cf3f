import { afterAll, describe, expect, test } from 'vitest'
import { readSettings } from '../env.ts'
import { StartError } from '../errors/index.ts'
import { letsEncrypt } from './settings.ts'
import { testFiles, testPair } from './testing.ts'

const none = (): undefined => undefined
const { files, remove } = testFiles(await testPair(['*.example.com', 'relay.example.com', '10.0.0.5']))
const byFiles = { TOWPATH_TLS_CERT: files.cert, TOWPATH_TLS_KEY: files.key }
afterAll(remove)

describe('with TLS of our own', () => {
  test('by files: the address is the certificate’s first name, and the plain port is this machine’s alone', () => {
    expect(readSettings(byFiles, none)).toMatchObject({
      publicUrl: 'https://relay.example.com', publicAddress: 'relay.example.com', isLoopbackOnly: false, port: 3000, bind: '127.0.0.1',
      tls: { port: 443, httpPort: 80, bind: undefined, source: { kind: 'files', files } },
    })
  })

  test('other ports are in the address, and what is given wins', () => {
    expect(readSettings({ ...byFiles, TOWPATH_TLS_PORT: '8443', TOWPATH_HTTP_PORT: '8080', TOWPATH_BIND: '0.0.0.0' }, none)).toMatchObject({
      publicUrl: 'https://relay.example.com:8443', bind: '0.0.0.0', tls: { port: 8443, httpPort: 8080, bind: '0.0.0.0' },
    })
    expect(readSettings({ ...byFiles, TOWPATH_TLS_PORT: '8443', TOWPATH_PUBLIC_URL: 'https://b.example.com' }, none).publicUrl).toBe('https://b.example.com')
  })

  test('by ACME', () => {
    expect(readSettings({ TOWPATH_ACME: 'Relay.Example.com.', TOWPATH_ACME_EMAIL: 'ann@example.com' }, none)).toMatchObject({
      publicUrl: 'https://relay.example.com',
      tls: { source: { kind: 'acme', acme: { name: 'relay.example.com', email: 'ann@example.com', directory: letsEncrypt, ca: undefined } } },
    })
  })
})

test('without, nothing is', () => {
  expect(readSettings({}, none).tls).toBeUndefined()
})

test.each([
  [{ TOWPATH_TLS_CERT: 'a' }, '--tls-cert and --tls-key go together: give both, or neither'],
  [{ ...byFiles, TOWPATH_ACME: 'a.example' }, '--acme and --tls-cert are two ways to one certificate: give one of them'],
  [{ TOWPATH_ACME: '192.0.2.1' }, '--acme (or TOWPATH_ACME) must be a DNS name such as relay.example.com, not "192.0.2.1"'],
  [{ TOWPATH_ACME: 'localhost' }, 'must be a DNS name'],
  [{ TOWPATH_ACME: '*.example.com' }, 'must be a DNS name'],
  [{ TOWPATH_ACME: 'a.example', TOWPATH_ACME_EMAIL: 'ann' }, '--acme-email (or TOWPATH_ACME_EMAIL) must be an e-mail address, not "ann"'],
  [{ TOWPATH_ACME: 'a.example', TOWPATH_ACME_DIRECTORY: 'http://ca.example' }, '--acme-directory (or TOWPATH_ACME_DIRECTORY) must be an https address'],
  [{ TOWPATH_ACME_CA: 'ca.pem' }, '--acme-ca is for HTTPS: give --acme, or --tls-cert and --tls-key, too'],
  [{ TOWPATH_HTTP_PORT: '80' }, '--http-port is for HTTPS'],
  [{ ...byFiles, TOWPATH_TLS_PORT: '3443' }, '--tls-port and --derp-port are both 3443: give one of them another port'],
  [{ ...byFiles, TOWPATH_HTTP_PORT: '443' }, '--http-port and --tls-port are both 443: give one of them another port'],
  [{ ...byFiles, TOWPATH_PUBLIC_URL: 'http://relay.example.com' }, '--public-url (or TOWPATH_PUBLIC_URL) must be an https address where TLS is served'],
  [{ TOWPATH_ACME: 'a.example', TOWPATH_PUBLIC_URL: 'https://b.example' }, 'must be an address under the name a.example of --acme'],
])('%o is refused in one line', (variables, message) => {
  const read = () => readSettings(variables, none)
  expect(read).toThrow(StartError)
  expect(read).toThrow(message)
})
