import { expect, test } from 'vitest'
import { readPingResult, readPong } from './paths.ts'

test.each([
  ['pong from b (100.64.0.2) via DERP(home) in 12ms', { via: 'derp', derp: 'home', ms: 12 }],
  ['pong from b (100.64.0.2) via peer-relay(198.51.100.11:40000:vni:7) in 1.25s\n', { via: 'peer-relay', endpoint: '198.51.100.11:40000', vni: 7, ms: 1250 }],
  ['pong from b (100.64.0.2) via peer-relay([2001:db8::1]:40000:vni:1) in 2ms', { via: 'peer-relay', endpoint: '[2001:db8::1]:40000', vni: 1 }],
  ['pong from b (100.64.0.2) via 198.51.100.102:41641 in 900µs', { via: 'direct', endpoint: '198.51.100.102:41641', ms: 0.9 }],
])('%s', (line, expected) => {
  expect(readPong(line)).toMatchObject({ ...expected, text: line.trim() })
})

test.each(['timed out waiting for ping reply', 'direct connection not established', ''])('no pong: "%s"', (line) => {
  expect(readPong(line)).toBeUndefined()
})

test('the daemon’s own answer reads as the same', () => {
  const pong = readPingResult('{"IP":"100.64.0.2","NodeIP":"100.64.0.2","NodeName":"b","LatencySeconds":0.0034,"PeerRelay":"198.51.100.11:40000:vni:7"}')
  expect(pong).toMatchObject({ via: 'peer-relay', endpoint: '198.51.100.11:40000', vni: 7, ms: 3.4 })
  expect(readPingResult('{"NodeIP":"100.64.0.2","NodeName":"b","LatencySeconds":0.001,"Endpoint":"","PeerRelay":"","DERPRegionID":900,"DERPRegionCode":"home"}')).toMatchObject({ via: 'derp', derp: 'home' })
  expect(readPingResult('{"NodeIP":"100.64.0.2","NodeName":"b","LatencySeconds":0.001,"Endpoint":"10.1.0.2:41641"}')).toMatchObject({ via: 'direct', endpoint: '10.1.0.2:41641' })
  expect(() => readPingResult('{"Err":"no matching peer"}')).toThrow('no matching peer')
})
