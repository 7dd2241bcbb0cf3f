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
