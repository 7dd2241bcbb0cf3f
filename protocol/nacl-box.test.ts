import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromHex, toHex } from '../lib/bytes.ts'
import { beforeBox, boxPublicKey, openBox, sealBox } from './nacl-box.ts'

const hex = (text: string): Uint8Array => fromHex(text) ?? new Uint8Array()

const sender = hex('18e58d1d83ff8968f7129ba48e3fbdcf37e491d2ce2a8e2635aa64c698c3d046')
const receiver = hex('e88f9d39a8f5d8cfdbf08d540443f91f3d70cf1e8072ce93beb27760c2f8b04f')
const sharedKey = 'f24b0a165fc1b881388dff966544d3ab1d4b64cde66b98bc8ed3144ee023110d'
const nonce = 'a86a2c9dce629a0a6cc8f4688fb7ddc89e90fd108ff721d9'
const plain = '0100230cbef658a714f4135556b1'
const box = '1da8d6fbea5c78cb4883c0fa6aba59c77496d82983981eb052a1371a491f'

test('a box sealed by a stock client', () => {
  expect(toHex(boxPublicKey(receiver))).toBe('e8a42acfd2d2bd1164c7737cc0d9f13035e9dbb1b27134e7d5469e30c1c0897d')
  const shared = beforeBox(sender, boxPublicKey(receiver))
  expect(shared).toEqual({ ok: true, value: hex(sharedKey) })
  expect(beforeBox(receiver, boxPublicKey(sender))).toEqual(shared)
  expect(toHex(sealBox(hex(sharedKey), hex(nonce), hex(plain)))).toBe(box)
  expect(openBox(hex(sharedKey), hex(nonce), hex(box))).toEqual({ ok: true, value: hex(plain) })
})

test('no secret with a public key of low order, or of another length', () => {
  expect(beforeBox(sender, new Uint8Array(32))).toEqual({ ok: false, reason: 'bad-key' })
  expect(beforeBox(sender, new Uint8Array(31))).toEqual({ ok: false, reason: 'bad-key' })
})

test('one flipped bit anywhere, and the box does not open', () => {
  const bytes = hex(box)
  fc.assert(
    fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
      const torn = Uint8Array.from(bytes)
      torn[bit >> 3] = (torn[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(openBox(hex(sharedKey), hex(nonce), torn)).toEqual({ ok: false, reason: 'forged' })
    }),
  )
  expect(openBox(hex(sharedKey), hex(nonce), bytes.subarray(0, 15))).toEqual({ ok: false, reason: 'short' })
  expect(openBox(hex(sharedKey), hex(nonce).subarray(1), bytes)).toEqual({ ok: false, reason: 'bad-nonce' })
})
