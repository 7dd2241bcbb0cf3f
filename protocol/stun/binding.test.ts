import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeAddrPort } from '../../lib/addr-port.ts'
import { fromHex, toHex } from '../../lib/bytes.ts'
import { decodeBindingRequest, decodeBindingResponse, encodeBindingRequest, encodeBindingResponse } from './binding.ts'
import { isStun } from './message.ts'
import { generator, mutations } from '../testing.ts'

const hex = (text: string): Uint8Array => fromHex(text) ?? new Uint8Array()
const transactionId = hex('fb69f0561719e2b51956495b')
const request = '000100142112a442fb69f0561719e2b51956495b802200087461696c6e6f6465802800045ae9e224'

test('the request of a stock client', () => {
  expect(toHex(encodeBindingRequest({ transactionId }))).toBe(request)
  expect(decodeBindingRequest(hex(request))).toEqual({ ok: true, value: { transactionId } })
})

test.each([
  ['203.0.113.9', 41641, '0101000c2112a442fb69f0561719e2b51956495b00200008000183bbea12d54b'],
  ['2001:db8::1:2', 65535, '010100182112a442fb69f0561719e2b51956495b002000140002deed0113a9fafb69f0561719e2b519574959'],
])('the response to %s:%d', (ip, port, packet) => {
  expect(toHex(encodeBindingResponse({ transactionId, address: { ip, port } }))).toBe(packet)
  expect(decodeBindingResponse(hex(packet))).toEqual({ ok: true, value: { transactionId, address: { ip, port } } })
})

test.each([
  ['no attributes', '000100002112a442e208f182cd3a49e2b5c0cc58', undefined],
  ['other software', '000100142112a442e208f182cd3a49e2b5c0cc58802200087561696c6e6f64658028000414033cbe', 'bad-fingerprint'],
  ['fingerprint wrong', '000100142112a442e208f182cd3a49e2b5c0cc58802200087461696c6e6f64658028000414033cbf', 'bad-fingerprint'],
  ['cookie wrong', '000100142012a442e208f182cd3a49e2b5c0cc58802200087461696c6e6f64658028000414033cbe', 'not-stun'],
  ['short', '000100142112a442e208f182cd3a49e2b5c0cc', 'not-stun'],
  ['attribute cut', '000100142112a442e208f182cd3a49e2b5c0cc588022000874', 'malformed'],
  ['an error response', '0111000c2112a442e208f182cd3a49e2b5c0cc580020000800012113e112a643', 'not-a-request'],
  ['a Geneve data packet', '00007a120000010004000000ffffffff0000000000000000', 'not-stun'],
])('a request with %s', (_, packet, reason) => {
  const read = decodeBindingRequest(hex(packet))
  expect(read.ok ? undefined : read.reason).toBe(reason)
})

test('what is written reads back', () => {
  const raw = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
  fc.assert(
    fc.property(raw(12), raw(18), (id, addressBytes) => {
      const address = decodeAddrPort(addressBytes)
      expect(decodeBindingRequest(encodeBindingRequest({ transactionId: id }))).toEqual({ ok: true, value: { transactionId: id } })
      const response = { transactionId: id, address }
      expect(decodeBindingResponse(encodeBindingResponse(response))).toEqual({ ok: true, value: response })
    }),
  )
})

test('a million random and mutated inputs: a value or a reason, never an exception', () => {
  const responses = ['203.0.113.9', '2001:db8::1:2'].map((ip) => encodeBindingResponse({ transactionId, address: { ip, port: 41_641 } }))
  const next = mutations([hex(request), hex('000100002112a442e208f182cd3a49e2b5c0cc58'), ...responses], generator(0x57a4))
  let read = 0
  for (let i = 0; i < 1_000_000; i++) {
    const input = next()
    if (!decodeBindingRequest(input).ok && !decodeBindingResponse(input).ok) continue
    read++
    if (!isStun(input)) throw new Error(`${toHex(input)} was read, and does not look like STUN`)
  }
  expect(read).toBeGreaterThan(100_000)
}, 60_000)
