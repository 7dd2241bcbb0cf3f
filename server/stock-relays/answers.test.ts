import { describe, expect, test } from 'vitest'
import { readCounters } from './metrics-answer.ts'
import { readPrefs } from './prefs-answer.ts'
import { ClientRefused, relayRequests } from './requests.ts'
import { readSessions } from './sessions-answer.ts'
import type { C2nRequest } from '../services/questions.ts'

describe('sessions of a stock relay', () => {
  test('have the lower disco key first', () => {
    const body = '{"UDPPort":40000,"Sessions":[{"VNI":7,"Client1":{"Endpoint":"192.0.2.1:1","ShortDisco":"d:bbbbbbbbbbbbbbbb","PacketsTx":1,"BytesTx":100},"Client2":{"Endpoint":"","ShortDisco":"d:aaaaaaaaaaaaaaaa","PacketsTx":2,"BytesTx":200}}],"ChainSessions":null}'
    expect(readSessions(body)).toEqual({ port: 40_000, sessions: [{ vni: 7, a: { disco: 'a'.repeat(16), packets: 2, bytes: 200 }, b: { disco: 'b'.repeat(16), packets: 1, bytes: 100 } }] })
  })

  test.each([
    ['{"UDPPort":null,"Sessions":null}', { port: null, sessions: [] }],
    ['{"UDPPort":0,"Sessions":[]}', { port: 0, sessions: [] }],
    ['{"UDPPort":70000}', undefined],
    ['{"UDPPort":1,"Sessions":[{"VNI":7}]}', undefined],
    ['{"UDPPort":1,"Sessions":[{"VNI":7,"Client1":{"ShortDisco":"x","PacketsTx":1,"BytesTx":1},"Client2":{"ShortDisco":"y","PacketsTx":1,"BytesTx":1}}]}', undefined],
    ['nothing', undefined],
  ])('%s', (body, read) => {
    expect(readSessions(body)).toEqual(read)
  })
})

test('what a relay forwarded is the sum over both families; a client that never relayed says nothing', () => {
  const text = '# TYPE udprelay_forwarded_bytes_udp4_udp4 counter\nudprelay_forwarded_bytes_udp4_udp4 1000\nudprelay_forwarded_bytes_udp6_udp4 500\nudprelay_forwarded_packets_udp4_udp4 10\nudprelay_endpoints_open 2\nudprelay_endpoints_connecting 1\nudprelay_rxq_overflows 5\nmagicsock_x 7\nudprelay_forwarded_bytes_udp4_udp4 -1\n'
  expect(readCounters(text)).toEqual({ bytes: 1500, packets: 10, endpoints: 3 })
  expect(readCounters('magicsock_x 7\n')).toBeUndefined()
})

test.each([
  ['{"RelayServerPort":40000,"RelayServerStaticEndpoints":["203.0.113.7:40000","[2001:DB8::1]:1","x"],"Hostname":"s"}', { port: 40_000, staticEndpoints: ['203.0.113.7:40000', '[2001:db8::1]:1'] }],
  ['{"WantRunning":true}', { port: null, staticEndpoints: [] }],
  ['{"RelayServerPort":"40000"}', undefined],
  ['[', undefined],
])('settings %s', (body, prefs) => {
  expect(readPrefs(body)).toEqual(prefs)
})

describe('a client is asked', () => {
  const asked: C2nRequest[] = []
  const requests = (status: number, body: string) => relayRequests({
    c2n: async (_, request) => {
      asked.push(request)
      return { status, headers: new Map(), body }
    },
  }, 7)

  test('these requests and no others', async () => {
    asked.length = 0
    await requests(200, '{}').prefs()
    await requests(200, '').counters()
    await requests(200, '{}').sessions()
    await requests(200, '{}').setPort(40_001)
    await requests(200, '{}').setPort(null)
    await requests(200, '{}').setStaticEndpoints([])
    expect(await requests(200, '{"current":{"SelfNode":{"CapMap":{"disable-relay-server":null}}}}').hasAttribute('disable-relay-server')).toBe(true)
    expect(asked.map(({ method, path, body }) => [method, path, body])).toEqual([
      ['GET', '/debug/prefs', undefined],
      ['GET', '/debug/metrics', undefined],
      ['GET', '/remoteapi/localapi/v0/debug-peer-relay-sessions', undefined],
      ['PATCH', '/remoteapi/localapi/v0/prefs', '{"RelayServerPort":40001,"RelayServerPortSet":true}'],
      ['PATCH', '/remoteapi/localapi/v0/prefs', '{"RelayServerPort":null,"RelayServerPortSet":true}'],
      ['PATCH', '/remoteapi/localapi/v0/prefs', '{"RelayServerStaticEndpoints":[],"RelayServerStaticEndpointsSet":true}'],
      ['POST', '/debug/netmap', expect.stringContaining('"omitFields"')],
    ])
  })

  test('and its refusal is told in its words, on one line', async () => {
    await expect(requests(403, 'remote config not enabled by local machine\n').sessions()).rejects.toThrow(new ClientRefused('Its client refuses (403): remote config not enabled by local machine'))
    await expect(requests(400, '{"Error":"bad\\nport"}').setPort(1)).rejects.toThrow('Its client refuses (400): bad port')
    await expect(requests(200, 'x').prefs()).rejects.toThrow('Its client says what cannot be read here')
  })
})
