import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concatBytes } from '../../../lib/bytes.ts'
import { generator } from '../../../protocol/testing.ts'
import { FrameMeter } from './frame-meter.ts'
import { createGoawayWatch } from './frame-walker.ts'

const preface = new TextEncoder().encode('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
const limits = { smallFrames: { perSecond: 10, burst: 20 }, resets: { perSecond: 1, burst: 5 } }

function frame(type: number, length: number): Uint8Array {
  const bytes = new Uint8Array(9 + length)
  bytes.set([length >> 16, (length >> 8) & 0xff, length & 0xff, type])
  return bytes
}

/** How many frames pass until it is too much; `limit`: all of them. */
function passed(type: number, length: number, limit: number, sent = 0): number {
  const meter = new FrameMeter(limits, 0)
  meter.read(preface, 0)
  meter.sent(sent)
  for (let n = 0; n < limit; n++) if (meter.read(frame(type, length), 0)) return n
  return limit
}

test.each([
  ['PING', 6, 8], ['SETTINGS', 4, 6], ['PRIORITY', 2, 5], ['CONTINUATION', 9, 100], ['HEADERS', 1, 40], ['empty DATA', 0, 0], ['an unknown type', 99, 5000],
])('%s has a rate', (_, type, length) => {
  expect(passed(type, length, 100)).toBe(20)
})

test('streams taken back have a lower one, bodies none, and window is given back for what was sent', () => {
  expect([passed(3, 4, 100), passed(0, 1024, 100), passed(8, 4, 1000), passed(8, 4, 5000, 1024 * 1024)]).toEqual([5, 100, 120, 1144])
})

test('time gives allowance back', () => {
  const meter = new FrameMeter(limits, 0)
  meter.read(preface, 0)
  for (let second = 0; second < 50; second++) for (let n = 0; n < 10; n++) expect(meter.read(frame(6, 8), second * 1000)).toBeUndefined()
})

test('however the stream is cut, the verdict is the same', () => {
  const frames = fc.array(fc.record({ type: fc.constantFrom(0, 1, 3, 6, 8), length: fc.nat(60) }), { maxLength: 40 })
  fc.assert(fc.property(frames, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (list, sizes) => {
    const stream = concatBytes(preface, ...list.map(({ type, length }) => frame(type, length)))
    const whole = new FrameMeter(limits, 0).read(stream, 0)
    const meter = new FrameMeter(limits, 0)
    let verdict: string | undefined
    for (let at = 0, i = 0; at < stream.length && verdict === undefined; i++) {
      const end = at + (sizes[i % sizes.length] ?? 1)
      verdict = meter.read(stream.subarray(at, end), 0)
      at = end
    }
    expect(verdict).toBe(whole)
  }))
})

test('100,000 invented streams end in a verdict', () => {
  const below = generator(4)
  const verdicts = new Set<string | undefined>()
  for (let n = 0; n < 100_000; n++) {
    const bytes = new Uint8Array(below(300))
    for (let i = 0; i < bytes.length; i++) bytes[i] = below(8) === 0 ? below(256) : 0
    verdicts.add(new FrameMeter(limits, 0).read(bytes, 0))
  }
  expect([...verdicts].map(String).toSorted()).toEqual(['h2-flood', 'undefined'])
})

test('a GOAWAY with an error is seen among what is sent, one without is none', () => {
  const goaway = (code: number): Uint8Array => concatBytes(frame(7, 8).subarray(0, 9), Uint8Array.of(0, 0, 0, 0, 0, 0, 0, code))
  const watch = createGoawayWatch()
  // A DATA frame that comes in two parts, with bytes in it that look like one.
  const data = concatBytes(frame(0, 17).subarray(0, 9), goaway(1))
  expect([watch(frame(4, 12)), watch(data.subarray(0, 12)), watch(data.subarray(12)), watch(goaway(0)), watch(concatBytes(frame(3, 4), goaway(1)))])
    .toEqual([undefined, undefined, undefined, undefined, 1])
})
