import fc from 'fast-check'
import { expect, test } from 'vitest'
import { oneHour, tenSeconds } from './resolution.ts'
import { spread, type Step } from './spread.ts'

const none = { packetsIn: 0, bytesOut: 0, packetsOut: 0, cpuMs: 0, sessions: 0, drops: {} }

test('a report is shared out in proportion to time, and no byte is lost or made', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 10 ** 7 }), fc.integer({ min: 1, max: 10 ** 6 }), fc.nat({ max: 2 ** 40 }), fc.nat({ max: 500 }), (from, span, bytesIn, drops) => {
    const steps = new Map<string, Step>()
    spread({ relayId: 1, from, to: from + span, ...none, bytesIn, drops: { short: drops } }, tenSeconds, 0, steps)
    const all = [...steps.values()]
    const total = (pick: (step: Step) => number): number => all.reduce((sum, step) => sum + pick(step), 0)
    expect(total((step) => step.bytesIn)).toBe(bytesIn)
    expect(total((step) => step.coveredMs)).toBe(span)
    expect(total((step) => step.drops['short'] ?? 0)).toBe(drops)
    for (const step of all) {
      expect(step.coveredMs).toBeLessThanOrEqual(10_000)
      expect(Math.abs(step.bytesIn - (bytesIn * step.coveredMs) / span)).toBeLessThanOrEqual(1)
    }
  }))
})

test('steps whose partition is gone are left out, and so is a span too long for a fine series', () => {
  const steps = new Map<string, Step>()
  spread({ relayId: 1, from: 5000, to: 25_000, ...none, bytesIn: 200 }, tenSeconds, 10_000, steps)
  expect([...steps.values()].map(({ at, bytesIn }) => [at, bytesIn])).toEqual([[10_000, 100], [20_000, 50]])
  steps.clear()
  spread({ relayId: 1, from: 0, to: 24 * 3_600_000, ...none, bytesIn: 240 }, tenSeconds, 0, steps)
  expect(steps.size).toBe(0)
  spread({ relayId: 1, from: 0, to: 24 * 3_600_000, ...none, bytesIn: 240 }, oneHour, 0, steps)
  expect(steps.size).toBe(24)
})
