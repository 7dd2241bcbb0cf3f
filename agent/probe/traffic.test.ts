import { expect, test } from 'vitest'
import { createPathLog } from './path-log.ts'
import { decodeTraffic, encodeTraffic, Pacer, Receipt } from './traffic.ts'

test('a packet reads as it was written, with the header of a WireGuard data packet', () => {
  const packet = { receiver: 7, counter: 300, sentAt: 1.5, echoedAt: 2.5, heldFor: 3.5 }
  const bytes = encodeTraffic(packet, 1280)
  expect(bytes).toHaveLength(1280)
  expect([...bytes.subarray(0, 16)]).toEqual([4, 0, 0, 0, 7, 0, 0, 0, 44, 1, 0, 0, 0, 0, 0, 0])
  expect(decodeTraffic(bytes)).toEqual({ ok: true, value: packet })
  expect(decodeTraffic(bytes.subarray(0, 39))).toEqual({ ok: false, reason: 'short' })
  expect(decodeTraffic(Uint8Array.from(bytes, (byte, i) => (i === 0 ? 1 : byte)))).toEqual({ ok: false, reason: 'not-data' })
})

test('the pacer keeps the rate over uneven ticks, and makes no burst after a pause', () => {
  const pacer = new Pacer(1_024_000, 1280, 0)
  let sent = 0
  for (let now = 0, i = 0; now <= 10_000; now += 7 + (i++ % 5)) sent += pacer.due(now)
  expect(Math.abs(sent - 1000)).toBeLessThanOrEqual(2)
  expect(pacer.due(60_000)).toBeLessThanOrEqual(11)
  expect(pacer.due(59_000)).toBe(0)
})

test('each counter counts once, in any order', () => {
  const receipt = new Receipt()
  for (const counter of [0, 1, 3, 2, 3, 5]) receipt.take(counter, 10)
  expect(receipt).toMatchObject({ received: 5, duplicates: 1, missing: 1, bytes: 50 })
  receipt.take(4, 10)
  expect(receipt.missing).toBe(0)
  receipt.take(1_000_000, 10)
  receipt.take(3, 10)
  expect(receipt).toMatchObject({ received: 7, duplicates: 2, missing: 1_000_001 - 7 })
})

test('what is on its way is not lost; what stays away is, and counts for the path of that time', () => {
  const log = createPathLog()
  const derp = { kind: 'derp' } as const
  const relay = { kind: 'relay', address: { ip: '192.0.2.1', port: 1 } } as const
  for (let now = 0; now < 10_000; now += 10) log.note(derp, now % 100 === 0 ? 0 : 3, now)
  expect(log.lost).toBe(0)
  for (let now = 10_000; now < 20_000; now += 10) log.note(relay, 5, now)
  expect(log.lost).toBe(5)
  log.settle(relay, 4, 20_000)
  expect(log.spans()).toEqual([{ path: derp, from: 0, lost: 0 }, { path: relay, from: 10_000, lost: 4 }])
})
