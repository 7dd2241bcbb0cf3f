import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFairShare, equalPart } from './fair-share.ts'

test('off until something is lost; then a flood is cut to what is left, and small flows are not', () => {
  const share = createFairShare(100)
  expect(share.isOn).toBe(false)
  share.turn(true)
  expect(share.isOn).toBe(true)
  // The first interval only counts: a flood of 1,000 and 64 flows of 5.
  const interval = (): { flood: number; small: number } => {
    let [flood, small] = [0, 0]
    for (let i = 0; i < 100; i++) if (share.take(0, 10)) flood += 10
    for (let source = 1; source <= 64; source++) if (share.take(source, 5)) small += 5
    return { flood, small }
  }
  expect(interval()).toEqual({ flood: 1000, small: 320 })
  share.turn(true)
  expect(interval()).toEqual({ flood: 860, small: 320 })
  share.turn(true)
  expect(interval()).toEqual({ flood: 740, small: 320 })
  share.turn(false)
  expect(interval()).toEqual({ flood: 770, small: 320 })
})

test('where shedding does not help, a quarter of what was handled goes on', () => {
  const share = createFairShare(1)
  share.turn(true)
  const passed = Array.from({ length: 40 }, () => {
    let through = 0
    for (let i = 0; i < 1000; i++) if (share.take(0, 1)) through++
    share.turn(true)
    return through
  })
  expect(Math.min(...passed)).toBe(250)
  expect(passed.at(-1)).toBe(250)
})

test('on for a second after the last loss, then off', () => {
  const share = createFairShare(2)
  share.turn(true)
  for (let i = 0; i < 19; i++) share.turn(false)
  expect(share.isOn).toBe(true)
  share.turn(false)
  expect(share.isOn).toBe(false)
})

test('the equal part: the sum of what each may have is the room; nobody who wants less is cut', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 50 }), fc.integer({ min: 1, max: 100_000 }), (wants, room) => {
    const part = equalPart(wants, room)
    const given = wants.reduce((all, want) => all + Math.min(want, part), 0)
    const wanted = wants.reduce((all, want) => all + want, 0)
    expect(given).toBeCloseTo(Math.min(wanted, room), 6)
    expect(part === Infinity).toBe(wanted <= room)
  }))
})
