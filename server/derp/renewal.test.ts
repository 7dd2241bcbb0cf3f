import { expect, test } from 'vitest'
import { acceptedPins, afterStep, certificateLifetime, pinOverlap, renewBefore, renewalStep, type CertificateFacts, type CertificateState } from './renewal.ts'

const hour = 3_600_000
const made = (pin: string, at: number, hosts = ['derp.example']): CertificateFacts => ({ pin, notAfter: at + certificateLifetime, hosts })

/** Runs all steps that are due at `now`; the names of the steps. */
function settle(state: CertificateState, now: number, pin: string, hosts = ['derp.example']): { state: CertificateState; steps: string[] } {
  const steps: string[] = []
  for (let step = renewalStep(state, hosts, now); step; step = renewalStep(state, hosts, now)) {
    state = afterStep(state, step, now, made(pin, now, hosts))
    steps.push(step)
    if (steps.length > 5) throw new Error(`does not settle: ${steps.join(' ')}`)
  }
  return { state, steps }
}

test('three years: the pin served next is always known a day before, the one served before a day after', () => {
  let state: CertificateState = { current: made('pin-0', 0) }
  const pushedAt = new Map([['pin-0', 0]])
  const switches: { pushedBefore: number; oldStillPushed: boolean }[] = []
  for (let now = 0; now < 3 * 365 * 24 * hour; now += hour) {
    const served = state.current.pin
    state = settle(state, now, `pin-${now}`).state
    for (const pin of acceptedPins(state)) if (!pushedAt.has(pin)) pushedAt.set(pin, now)
    if (state.current.pin !== served) {
      switches.push({ pushedBefore: now - (pushedAt.get(state.current.pin) ?? now), oldStillPushed: acceptedPins(state).includes(served) })
    }
    expect(state.current.notAfter).toBeGreaterThan(now + renewBefore - 3 * pinOverlap)
    expect(acceptedPins(state).length).toBeLessThanOrEqual(2)
  }
  expect(switches).toEqual([{ pushedBefore: pinOverlap, oldStillPushed: true }, { pushedBefore: pinOverlap, oldStillPushed: true }])
})

test('an expired certificate, or one for other names, is replaced at once', () => {
  const expired = settle({ current: made('old', 0) }, certificateLifetime, 'new')
  expect(expired.steps).toEqual(['make', 'switch'])
  expect(acceptedPins(expired.state)).toEqual(['new', 'old'])
  const moved = settle({ current: made('old', 0, ['192.0.2.1']) }, hour, 'new', ['192.0.2.1', '192.0.2.2'])
  expect(moved.steps).toEqual(['make', 'switch'])
})

test('a clock that goes back by a year changes nothing', () => {
  expect(settle({ current: made('pin', 0) }, -365 * 24 * hour, 'new').steps).toEqual([])
})
