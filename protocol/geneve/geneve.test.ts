import { GCProfiler } from 'node:v8'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromHex, toHex } from '../../lib/bytes.ts'
import { classify, decodeGeneve, decodeGeneveLenient, encodeGeneve, maxVni, protocolDisco, protocolWireGuard, readVni } from './index.ts'

const bytes = (hex: string): Uint8Array => fromHex(hex) ?? new Uint8Array()

test.each([
  ['00007a1200000100', 'data'], ['00407a12000001ff', 'data'], ['003f7a1100000100', 'probe'], ['00807a1100000100', 'control'],
  ['00807a1200000100', 'bad-protocol'], ['0000655800000100', 'bad-protocol'], ['40007a1200000100', 'bad-version'],
  ['02007a1200000100', 'has-options'], ['00007a12000001', 'short'], ['', 'short'],
])('%s is %s', (hex, expected) => {
  expect(classify(bytes(hex))).toBe(expected)
})

test.each([
  [{ vni: 1, control: false, protocol: protocolWireGuard }, '00007a1200000100'],
  [{ vni: maxVni, control: true, protocol: protocolDisco }, '00807a11ffffff00'],
])('%j is %s', (header, hex) => {
  expect(toHex(encodeGeneve(header))).toBe(hex)
})

test('round trip', () => {
  fc.assert(
    fc.property(fc.nat(maxVni), fc.boolean(), fc.constantFrom(protocolDisco, protocolWireGuard), (vni, control, protocol) => {
      const header = { vni, control, protocol }
      expect(decodeGeneve(encodeGeneve(header))).toEqual({ ok: true, value: header })
      expect(readVni(encodeGeneve(header))).toBe(vni)
    }),
  )
})

test('the decoder and the classifier refuse for the same reasons; the lenient one only what is short', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (input) => {
      const decoded = decodeGeneve(input)
      const seen = classify(input)
      const meant = decoded.ok ? (decoded.value.control ? 'control' : 'data') : decoded.reason
      expect([meant, 'bad-protocol']).toContain(seen)
      expect(decodeGeneveLenient(input).ok).toBe(input.length >= 8)
    }),
    { numRuns: 2000 },
  )
})

test('reading a data packet’s header allocates nothing', () => {
  const packet = bytes('00007a1200000100')
  /** How often memory had to be cleared for five million calls: sixteen bytes each would fill the young space several times. */
  const clearings = (read: () => unknown): number => {
    let last: unknown
    for (let i = 0; i < 100_000; i++) last = read()
    const profiler = new GCProfiler()
    profiler.start()
    for (let i = 0; i < 5_000_000; i++) last = read()
    expect(last).toBeDefined()
    return profiler.stop()?.statistics.length ?? 0
  }
  expect(clearings(() => classify(packet) === 'data' && readVni(packet))).toBeLessThanOrEqual(1)
  expect(clearings(() => decodeGeneve(packet))).toBeGreaterThan(1)
})
