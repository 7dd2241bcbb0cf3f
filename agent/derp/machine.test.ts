import { expect, test } from 'vitest'
import { createDerpHub } from '../../server/derp/hub.ts'
import { defaultDerpLimits, type DerpLimits } from '../../server/derp/limits.ts'
import { encodeDerp } from '../../protocol/derp/message.ts'
import { formatKey } from '../../protocol/keys.ts'
import { boxPublicKey } from '../../protocol/nacl-box.ts'
import { seededBytes } from '../../tests/simulation/client.ts'
import { DerpMachine, type DerpClientCommand } from './machine.ts'

const region = { id: 1, code: 'home', name: 'Home', host: '192.0.2.1', derpPort: 3443, stunPort: 3478, pins: ['sha256-raw:00'] }

/** A machine joined to a real hub, without sockets. */
function start(limits: Partial<DerpLimits> = {}) {
  const secret = new Uint8Array(32).fill(5)
  const machine = new DerpMachine({ secret, public: boxPublicKey(secret), random: seededBytes(3) })
  const self = formatKey('nodekey', boxPublicKey(secret))
  const hub = createDerpHub({ privateKey: new Uint8Array(32).fill(9), mayConnect: () => true, limits: { ...defaultDerpLimits, ...limits }, random: seededBytes(4) })
  const log: string[] = []
  let now = 0
  let connection = 0
  let attached = false

  const note = (commands: readonly DerpClientCommand[]): void => {
    for (const command of commands) {
      if (command.type === 'connect') attached = false
      if (command.type === 'packet') log.push(`packet ${command.bytes.length}`)
      else if (command.type === 'state') log.push(command.state.name)
      else if (command.type === 'peer-gone') log.push(`gone ${command.reason}`)
      else if (command.type !== 'writable') log.push(command.type)
    }
  }
  const settle = (): void => {
    for (let moved = true; moved && attached; ) {
      moved = false
      for (let frame = machine.next(now); frame; frame = machine.next(now)) {
        hub.receive(connection, frame, now)
        moved = true
      }
      for (let frame = hub.next(connection, now); frame; frame = hub.next(connection, now)) {
        note(machine.received(frame, now))
        moved = true
      }
    }
  }
  return {
    machine, self, hub, log, note, settle,
    at(time: number) { now = time },
    attach() {
      hub.closed(connection)
      attached = true
      hub.connect(++connection, now)
      settle()
    },
    take() { return log.splice(0) },
  }
}

test('connects, and sends to itself through the hub', () => {
  const { machine, self, note, settle, attach, take } = start()
  note(machine.update(region, 0))
  expect(take()).toEqual(['connecting', 'connect'])
  note(machine.send(self, new Uint8Array(7), 0))
  attach()
  expect(take()).toEqual(['connected', 'packet 7'])
  note(machine.send(formatKey('nodekey', new Uint8Array(32).fill(1)), new Uint8Array(7), 0))
  settle()
  expect(take()).toEqual(['gone 1'])
  expect(machine.stats()).toMatchObject({ sent: 2, received: 1, bytesSent: 14, bytesReceived: 7, connects: 1 })
})

test('what waits for longer than 3 s is not sent any more', () => {
  const { machine, self, note, attach, at, take } = start()
  note(machine.update(region, 0))
  note(machine.send(self, new Uint8Array(1), 0))
  note(machine.send(self, new Uint8Array(2), 2000))
  take()
  at(3500)
  attach()
  expect(take()).toEqual(['connected', 'packet 2'])
  expect(machine.stats().dropped.stale).toBe(1)
})

test('holds to the rate that the server tells of', () => {
  const { machine, self, note, settle, attach, hub, at } = start({ bytesPerSecond: 1000, burstBytes: 2000 })
  note(machine.update(region, 0))
  attach()
  for (let i = 0; i < 4; i++) note(machine.send(self, new Uint8Array(800), 0))
  settle()
  at(1000)
  note(machine.send(self, new Uint8Array(800), 1000))
  settle()
  expect(machine.stats()).toMatchObject({ received: 3, dropped: { rate: 2 } })
  expect(hub.stats().dropped.rate).toBe(0)
})

test('a connection that is silent is given up after two minutes, one that answers pings is kept', () => {
  const { machine, note, settle, attach, at, take } = start()
  note(machine.update(region, 0))
  attach()
  take()
  for (let now = 0; now < 300_000; now += 1000) {
    at(now)
    note(machine.tick(now))
    settle()
  }
  expect(take()).toEqual([])
  expect(machine.stats().rttMs).toBe(0)
  for (let now = 300_000; now < 425_000; now += 1000) note(machine.tick(now))
  expect(take().slice(0, 2)).toEqual(['close', 'waiting'])
})

test('comes back with growing, jittered waits, and soon when the server restarts', () => {
  const { machine, note, attach, at, take } = start()
  note(machine.update(region, 0))
  const waits: number[] = []
  let now = 0
  for (let i = 0; i < 10; i++) {
    note(machine.closed('refused', now))
    waits.push(machine.wakeAt - now)
    now = machine.wakeAt
    note(machine.tick(now))
  }
  for (const [i, wait] of waits.entries()) {
    const ceiling = Math.min(30_000, 250 * 2 ** i)
    expect(wait).toBeGreaterThanOrEqual(ceiling / 2)
    expect(wait).toBeLessThanOrEqual(ceiling)
  }
  take()
  at(now)
  attach()
  note(machine.received(encodeDerp({ kind: 'restarting', reconnectInMs: 1000, tryForMs: 60_000 }), now))
  note(machine.closed('gone', now))
  expect(take()).toEqual(['connected', 'waiting'])
  expect(machine.wakeAt - now).toBeGreaterThanOrEqual(500)
  expect(machine.wakeAt - now).toBeLessThanOrEqual(1500)
})

test('new pins leave a good connection, end a wait, and another server is gone to at once', () => {
  const { machine, note, attach, take } = start()
  note(machine.update(region, 0))
  attach()
  take()
  note(machine.update({ ...region, pins: ['sha256-raw:11'] }, 0))
  expect(take()).toEqual([])
  note(machine.closed('reset', 0))
  note(machine.update({ ...region, pins: ['sha256-raw:11'] }, 1))
  expect(take()).toEqual(['waiting'])
  note(machine.update({ ...region, pins: ['sha256-raw:22'] }, 2))
  expect(take()).toEqual(['connecting', 'connect'])
  attach()
  note(machine.update({ ...region, derpPort: 1 }, 3))
  expect(take()).toEqual(['connected', 'close', 'connecting', 'connect'])
  note(machine.update(undefined, 4))
  expect(take()).toEqual(['none', 'close'])
})

test('a stream that does not read is ended', () => {
  const { machine, note, attach, take } = start()
  note(machine.update(region, 0))
  attach()
  take()
  note(machine.received(Uint8Array.of(5, 0xff, 0, 0, 0), 0))
  expect(take()).toEqual(['close', 'waiting'])
})
