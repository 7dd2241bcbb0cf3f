import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeAddrPort } from '../../lib/addr-port.ts'
import { fromHex, toHex } from '../../lib/bytes.ts'
import { decodeDisco, encodeDisco, type DiscoMessage, type RelayEndpoint } from './index.ts'

const sized = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length })
const key = sized(32)
const u32 = fc.nat(0xffff_ffff)
const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })
const addrPort = sized(18).map((bytes) => decodeAddrPort(bytes))
const bind = { vni: u32, generation: u32, remoteDisco: key, challenge: key }
const endpoint: fc.Arbitrary<RelayEndpoint> = fc.record({
  serverDisco: key, clientDisco: fc.tuple(key, key), lamportId: u64, vni: u32, bindLifetimeNs: u64, steadyStateLifetimeNs: u64,
  addrPorts: fc.array(addrPort, { minLength: 1, maxLength: 4 }),
})

const message: fc.Arbitrary<DiscoMessage> = fc.oneof(
  fc.record({ type: fc.constant('ping' as const), txId: sized(12), nodeKey: key, padding: fc.nat(1400) }),
  fc.record({ type: fc.constant('ping' as const), txId: sized(12), padding: fc.nat(31) }),
  fc.record({ type: fc.constant('pong' as const), txId: sized(12), src: addrPort }),
  fc.record({ type: fc.constant('call-me-maybe' as const), addrPorts: fc.array(addrPort, { maxLength: 4 }) }),
  fc.record({ type: fc.constant('bind' as const), ...bind }),
  fc.record({ type: fc.constant('bind-challenge' as const), ...bind }),
  fc.record({ type: fc.constant('bind-answer' as const), ...bind }),
  fc.record({ type: fc.constant('call-me-maybe-via' as const), endpoint }),
  fc.record({ type: fc.constant('allocate-request' as const), clientDisco: fc.tuple(key, key), generation: u32 }),
  fc.record({ type: fc.constant('allocate-response' as const), generation: u32, endpoint }),
)

test('round trip of every message', () => {
  fc.assert(
    fc.property(message, (m) => {
      expect(decodeDisco(encodeDisco(m))).toEqual({ ok: true, value: m })
    }),
    { numRuns: 3000 },
  )
})

test.each([
  ['', 'short'], ['01', 'short'], ['0000', 'unknown-type'], ['0a00', 'unknown-type'], ['0100', 'short'], ['0200', 'short'], ['0400', 'short'],
  ['0700', 'short'], ['0800', 'short'], ['0900', 'short'],
])('%s is %s', (hex, reason) => {
  expect(decodeDisco(fromHex(hex) ?? new Uint8Array())).toEqual({ ok: false, reason })
})

test('leniencies of stock clients: a wrong call-me-maybe is empty, another version of an allocation is all zeros', () => {
  expect(decodeDisco(Uint8Array.of(3, 0, 1))).toEqual({ ok: true, value: { type: 'call-me-maybe', addrPorts: [] } })
  const request = decodeDisco(Uint8Array.of(8, 1, 9, 9))
  expect(request.ok && request.value.type === 'allocate-request' && toHex(request.value.clientDisco[0])).toBe('00'.repeat(32))
  const via = decodeDisco(Uint8Array.of(7, 1))
  expect(via.ok && via.value.type === 'call-me-maybe-via' && via.value.endpoint.addrPorts).toEqual([])
})

test('trailing bytes are ignored, but for address lists', () => {
  const request: DiscoMessage = { type: 'allocate-request', clientDisco: [new Uint8Array(32), new Uint8Array(32)], generation: 5 }
  expect(decodeDisco(Uint8Array.from([...encodeDisco(request), 1, 2]))).toEqual({ ok: true, value: request })
})
