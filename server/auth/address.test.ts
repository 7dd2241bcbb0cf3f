import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { addressHeader, clientAddress, isPlainHttp, secureHeader, stampRequest, trustedProxies } from './address.ts'

function requestFrom(remoteAddress: string, headers: Record<string, string>): IncomingMessage {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: remoteAddress })
  const request = new IncomingMessage(socket)
  Object.assign(request.headers, headers)
  return request
}

describe('the client’s address', () => {
  const trusted = trustedProxies(['10.0.0.0/8', '192.0.2.9', '2001:db8::/32'])
  test.each([
    ['nobody is trusted unless said so', '203.0.113.5', '198.51.100.1', '203.0.113.5'],
    ['behind a trusted proxy', '10.1.2.3', '198.51.100.1', '198.51.100.1'],
    ['what the client itself wrote in front of the chain does not count', '10.1.2.3', '1.2.3.4, 198.51.100.1', '198.51.100.1'],
    ['through two proxies', '10.1.2.3', '198.51.100.1, 192.0.2.9', '198.51.100.1'],
    ['a dual-stack socket', '::ffff:10.1.2.3', '2001:db9::1', '2001:db9::1'],
    ['a proxy that says nothing', '10.1.2.3', '', '10.1.2.3'],
    ['a chain of proxies only', '10.1.2.3', '10.9.9.9', '10.9.9.9'],
  ])('%s', (_, peer, forwarded, client) => {
    expect(clientAddress(requestFrom(peer, forwarded ? { 'x-forwarded-for': forwarded } : {}), trusted)).toBe(client)
  })

  test('the marks overwrite what the client sent', () => {
    const request = requestFrom('203.0.113.5', { [addressHeader]: '127.0.0.1', [secureHeader]: '1', 'x-forwarded-proto': 'https' })
    stampRequest(request, trusted)
    expect(request.headers[addressHeader]).toBe('203.0.113.5')
    expect(request.headers[secureHeader]).toBe('0')
  })

  test('a trusted proxy’s word on HTTPS counts', () => {
    const request = requestFrom('10.0.0.1', { 'x-forwarded-proto': 'https' })
    stampRequest(request, trusted)
    expect(request.headers[secureHeader]).toBe('1')
  })

  test.each(['proxy.example', '10.0.0.0/33', '10.0.0.0/8/8', ''])('"%s" is no proxy’s address', (text) => {
    expect(() => trustedProxies([text])).toThrow('is not a proxy')
  })
})

test.each([
  ['localhost:3000', '0', 'http://192.0.2.1:3000', false],
  ['127.0.0.1:3000', '0', 'http://192.0.2.1:3000', false],
  ['[::1]:3000', '0', '', false],
  ['192.0.2.1:3000', '0', 'http://192.0.2.1:3000', true],
  ['192.0.2.1:3000', '1', 'http://192.0.2.1:3000', false],
  ['relay.example', '0', 'https://relay.example', false],
  ['192.0.2.1:3000', '0', 'https://relay.example', true],
  ['localhost.example.com', '0', '', true],
])('host %s, forwarded over HTTPS %s, reached at %s: plain is %s', (host, secure, publicUrl, plain) => {
  expect(isPlainHttp(new Headers({ host, [secureHeader]: secure }), publicUrl)).toBe(plain)
})
