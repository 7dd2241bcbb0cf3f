import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalKey, formatKey, parseKey, shortKey } from './keys.ts'

const hex = 'e063d1b178c10ad81faa07834ba31e869617e090cb8e635a85cb7c0ca72cb555'

test.each([
  ['', 'bad-prefix'], [`mkey:${hex}`, 'bad-prefix'], [`NODEKEY:${hex}`, 'bad-prefix'], [` nodekey:${hex}`, 'bad-prefix'], [hex, 'bad-prefix'],
  ['nodekey:', 'bad-length'], [`nodekey:${hex.slice(2)}`, 'bad-length'], [`nodekey:${hex}00`, 'bad-length'], [`nodekey:${hex.slice(1)}g`, 'bad-hex'],
])('%s is %s', (text, reason) => {
  expect(parseKey('nodekey', text)).toEqual({ ok: false, reason })
})

test('hex of any case is one key', () => {
  expect(canonicalKey('nodekey', `nodekey:${hex.toUpperCase()}`)).toEqual({ ok: true, value: `nodekey:${hex}` })
})

test('round trip', () => {
  fc.assert(
    fc.property(fc.constantFrom('mkey' as const, 'nodekey' as const, 'discokey' as const), fc.uint8Array({ minLength: 32, maxLength: 32 }), (kind, raw) => {
      expect(parseKey(kind, formatKey(kind, raw))).toEqual({ ok: true, value: raw })
    }),
  )
})

test('in logs a key has five signs', () => {
  expect([shortKey(`nodekey:${hex}`), shortKey('nodekey:'), shortKey('nonsense')]).toEqual([`[${Buffer.from(hex, 'hex').toString('base64').slice(0, 5)}]`, '[]', '[]'])
})
