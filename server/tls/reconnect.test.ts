import { describe, expect, test } from 'vitest'
import { joinUrl, judgeLoginUrl } from './reconnect.ts'

describe('who comes back after a lost connection', () => {
  test.each([
    'https://relay.example.com', 'https://relay.example.com:8443', 'https://203.0.113.5',
    'http://localhost:3000', 'http://LOCALHOST', 'http://127.0.0.1:3000', 'http://127.9.9.9', 'http://10.0.0.5:3000', 'http://172.16.0.1', 'http://172.31.255.1:8080',
    'http://192.168.1.4:3000', 'http://[::1]:3000', 'http://[fc00::1]:3000', 'http://[fdff:1::2]',
  ])('%s: yes', (url) => {
    expect(judgeLoginUrl(url)).toEqual({ reconnects: true })
  })

  test.each([
    'http://relay.example.com', 'http://relay:3000', 'http://relay.localhost:3000', 'http://203.0.113.5:3000', 'http://172.15.0.1', 'http://172.32.0.1', 'http://192.167.0.1',
    'http://100.64.0.1:3000', 'http://169.254.1.1', 'http://[2001:db8::1]:3000', 'http://[fe80::1]', 'http://[fb00::1]', 'http://[::ffff:10.0.0.1]:3000', 'http://10.example.com',
  ])('%s: no', (url) => {
    const judged = judgeLoginUrl(url)
    expect(judged).toMatchObject({ reconnects: false, warning: expect.stringMatching(/^A client that loses its connection to http:[^\n]+--public-url$/) })
  })

  test('any name where TLS answers on 443 of the same host', () => {
    expect(judgeLoginUrl('http://relay.example.com:3000', true)).toEqual({ reconnects: true })
  })

  test('what is no address, or of another scheme', () => {
    expect(judgeLoginUrl('relay')).toMatchObject({ reconnects: false, warning: expect.stringContaining('“relay” is no address') })
    expect(judgeLoginUrl('ftp://10.0.0.1', true)).toMatchObject({ reconnects: false })
  })
})

describe('the printed login server', () => {
  const now = Date.UTC(2026, 0, 1)
  const tls = { source: 'acme', names: ['a.example'], certificateExpires: new Date(now + 1000), selfSigned: false, problem: '', nextTry: null, port: 443 } as const
  const publicUrl = 'https://a.example'

  test('is one that clients come back to, or none', () => {
    expect(joinUrl({ publicUrl: 'http://10.0.0.5:3000' }, now)).toEqual({ url: 'http://10.0.0.5:3000', warning: '' })
    expect(joinUrl({ publicUrl }, now)).toEqual({ url: publicUrl, warning: '' })
    expect(joinUrl({ publicUrl: 'http://relay:3000' }, now)).toEqual({ url: undefined, warning: expect.stringContaining('does not come back') })
  })

  test('with TLS of our own, as the certificate is', () => {
    expect(joinUrl({ publicUrl, tls }, now)).toEqual({ url: publicUrl, warning: '' })
    expect(joinUrl({ publicUrl, tls }, now + 1000)).toEqual({ url: undefined, warning: expect.stringContaining('has expired') })
    expect(joinUrl({ publicUrl, tls: { ...tls, selfSigned: true, problem: 'The authority says no' } }, now))
      .toEqual({ url: undefined, warning: expect.stringMatching(/no certificate for https:\/\/a\.example yet.*The authority says no$/) })
    expect(joinUrl({ publicUrl, tls: { ...tls, source: 'files', selfSigned: true } }, now)).toEqual({ url: publicUrl, warning: expect.stringContaining('signed by itself') })
  })
})
