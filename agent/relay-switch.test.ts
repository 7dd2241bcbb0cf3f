import { expect, test } from 'vitest'
import { bindRetryMs, drainLimit, RelaySwitch } from './relay-switch.ts'

const ok = { ok: true, text: '' }

function relaying(port: number): RelaySwitch {
  const machine = new RelaySwitch()
  machine.want(port)
  expect(machine.step(0, 0)).toEqual({ type: 'bind', port })
  machine.bound(ok, 0)
  expect(machine.phase).toEqual({ name: 'relaying', port })
  return machine
}

test('off drains before it closes the port', () => {
  const machine = relaying(40_000)
  machine.want(undefined)
  expect(machine.step(2, 100)).toBeUndefined()
  expect(machine.phase.name).toBe('draining')
  expect(machine.accepts).toBe(false)
  expect(machine.step(2, 200)).toBeUndefined()
  expect(machine.step(0, 12_100)).toEqual({ type: 'close' })
  machine.closed()
  expect(machine.phase).toEqual({ name: 'off' })
})

test('sessions that do not leave hold the port no longer than the limit', () => {
  const machine = relaying(40_000)
  machine.want(undefined)
  machine.step(1, 0)
  expect(machine.step(1, drainLimit - 1)).toBeUndefined()
  expect(machine.step(1, drainLimit)).toEqual({ type: 'close' })
})

test('on again while draining relays on at once', () => {
  const machine = relaying(40_000)
  machine.want(undefined)
  machine.step(1, 0)
  machine.want(40_000)
  expect(machine.step(1, 10)).toBeUndefined()
  expect(machine.phase.name).toBe('relaying')
  expect(machine.accepts).toBe(true)
})

test('another port: drain, close, bind', () => {
  const machine = relaying(40_000)
  machine.want(40_001)
  machine.step(0, 0)
  expect(machine.step(0, 0)).toEqual({ type: 'close' })
  machine.closed()
  expect(machine.step(0, 1)).toEqual({ type: 'bind', port: 40_001 })
})

test('a port in use is said, tried again, and left when another is wanted', () => {
  const machine = new RelaySwitch()
  machine.want(40_000)
  machine.step(0, 0)
  machine.bound({ ok: false, text: 'Cannot bind port 40000: in use' }, 0)
  expect(machine.phase).toMatchObject({ name: 'cannot', text: 'Cannot bind port 40000: in use' })
  expect(machine.step(0, bindRetryMs - 1)).toBeUndefined()
  expect(machine.step(0, bindRetryMs)).toEqual({ type: 'bind', port: 40_000 })
  // Whoever looks sees one fault that goes on, not one that ends and begins at each try.
  expect(machine.phase).toMatchObject({ name: 'cannot', text: 'Cannot bind port 40000: in use' })
  expect(machine.step(0, 2 * bindRetryMs)).toBeUndefined()
  machine.bound({ ok: false, text: 'x' }, bindRetryMs)
  expect(machine.phase).toMatchObject({ name: 'cannot', text: 'x' })
  machine.want(40_001)
  expect(machine.step(0, bindRetryMs)).toEqual({ type: 'bind', port: 40_001 })
  expect(machine.phase).toEqual({ name: 'starting', port: 40_001 })
  machine.bound({ ok: false, text: 'x' }, bindRetryMs)
  machine.want(undefined)
  machine.step(0, bindRetryMs)
  expect(machine.phase).toEqual({ name: 'off' })
})

test('a port that came free is relayed on at the next try', () => {
  const machine = new RelaySwitch()
  machine.want(40_000)
  machine.step(0, 0)
  machine.bound({ ok: false, text: 'in use' }, 0)
  machine.step(0, bindRetryMs)
  machine.bound(ok, bindRetryMs + 1)
  expect(machine.phase).toEqual({ name: 'relaying', port: 40_000 })
})
