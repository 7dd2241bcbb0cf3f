import { describe, expect, test } from 'vitest'
import { StartError } from './errors/index.ts'
import { dataFlag, readDatabaseUrl, readEnv, readSettings } from './env.ts'

const none = (): undefined => undefined
const database = { DATABASE_URL: 'postgresql://me:secret@db.example/towpath' }

describe('what is assumed', () => {
  test('ports, all addresses, and this machine’s own address for others', () => {
    const settings = readSettings({}, () => '192.0.2.7')
    expect(settings).toMatchObject({
      port: 3000, bind: undefined, derpPort: 3443, stunPort: 3478, publicUrl: 'http://192.0.2.7:3000', publicAddress: '192.0.2.7', isLoopbackOnly: false,
    })
  })

  test('without an address of its own, or bound to loopback, only this machine reaches it', () => {
    expect(readSettings({}, none)).toMatchObject({ publicUrl: 'http://localhost:3000', isLoopbackOnly: true })
    expect(readSettings({ TOWPATH_BIND: '127.0.0.1', TOWPATH_PORT: '8080' }, () => '192.0.2.7')).toMatchObject({ publicUrl: 'http://127.0.0.1:8080', isLoopbackOnly: true })
    expect(readSettings({ TOWPATH_BIND: '::1' }, () => '192.0.2.7')).toMatchObject({ publicUrl: 'http://[::1]:3000', publicAddress: '::1', isLoopbackOnly: true })
  })

  test('what is given wins', () => {
    const given = readEnv({ ...database, TOWPATH_PUBLIC_URL: 'https://relay.example.com/', TOWPATH_PUBLIC_ADDRESS: '198.51.100.4', TOWPATH_TRUST_PROXY: '10.0.0.0/8, ::1' })
    expect(given).toMatchObject({
      publicUrl: 'https://relay.example.com', publicAddress: '198.51.100.4', isLoopbackOnly: false, trustedProxies: ['10.0.0.0/8', '::1'], databaseUrl: database.DATABASE_URL,
    })
  })
})

test.each([
  ['/srv/app/data', ''],
  ['/srv/towpath', '--data /srv/towpath'],
  ['/srv/app/data2', '--data /srv/app/data2'],
  ["/srv/ann's data", String.raw`--data '/srv/ann'\''s data'`],
])('commands in /srv/app find %s by "%s"', (data, flag) => {
  expect(dataFlag(data, '/srv/app')).toBe(flag)
})

test.each([
  [{ TOWPATH_PORT: 'abc' }, '--port (or TOWPATH_PORT) must be a port from 1 to 65535, not "abc"'],
  [{ TOWPATH_PORT: '0' }, '--port (or TOWPATH_PORT) must be a port from 1 to 65535, not "0"'],
  [{ TOWPATH_STUN_PORT: '65536' }, '--stun-port (or TOWPATH_STUN_PORT) must be a port from 1 to 65535, not "65536"'],
  [{ TOWPATH_DERP_PORT: '3000' }, '--derp-port and --port are both 3000: give one of them another port'],
  [{ TOWPATH_BIND: 'eth0' }, '--bind (or TOWPATH_BIND) must be an IP address of this machine, not "eth0"'],
  [{ TOWPATH_PUBLIC_URL: 'relay.example.com' }, '--public-url (or TOWPATH_PUBLIC_URL) must be an address such as http://relay.example.com:3000, not "relay.example.com"'],
  [{ TOWPATH_PUBLIC_URL: 'http://a/b' }, '--public-url (or TOWPATH_PUBLIC_URL) must be an address without a path, not "http://a/b"'],
  [{ TOWPATH_PUBLIC_ADDRESS: 'a b' }, '--public-address (or TOWPATH_PUBLIC_ADDRESS) must be a host name or an IP address, not "a b"'],
  [{ TOWPATH_TRUST_PROXY: '10.0.0.1, xx' }, '--trust-proxy (or TOWPATH_TRUST_PROXY) must be IP addresses or ranges such as 10.0.0.0/8, with commas between, not "xx"'],
  [{ TOWPATH_TRUST_PROXY: '10.0.0.0/33' }, '--trust-proxy (or TOWPATH_TRUST_PROXY) must be IP addresses or ranges'],
  [{ TOWPATH_TRUST_PROXY: '::/' }, '--trust-proxy (or TOWPATH_TRUST_PROXY) must be IP addresses or ranges'],
  [{ TOWPATH_DERP_CERT: 'cert.pem' }, '--derp-cert and --derp-key go together: give both, or neither'],
])('%o is refused in one line', (variables, message) => {
  const read = () => readSettings(variables, none)
  expect(read).toThrow(StartError)
  expect(read).toThrow(message)
})

test('a database’s URL is checked without being shown', () => {
  expect(() => readEnv({})).toThrow('DATABASE_URL is not set')
  expect(() => readDatabaseUrl('mysql://me:secret@db/x')).toThrow(/^DATABASE_URL must be an address such as postgresql:/)
  expect(() => readDatabaseUrl('mysql://me:secret@db/x')).not.toThrow('secret')
})
