import { expect, test } from 'vitest'
import { relayStatusSchema } from '../protocol/channel/index.ts'
import { relayStatus, type StatusInputs } from './relay-status.ts'

const inputs: StatusInputs = {
  phase: { name: 'relaying', port: 40_000 },
  plane: { name: 'dgram', state: { state: 'bound', port: 40_000, families: ['IPv4'], text: 'batched sockets: this kernel has no UDP_GRO' } },
  addresses: [{ address: { ip: '203.0.113.7', port: 40_000 }, source: 'interface' }], sessions: 0, requestedPort: undefined, sessionRate: undefined, skewMs: 0,
}

test('the data plane, its note, its buffers and its threads are told while it relays', () => {
  const without = relayStatus(inputs)
  expect(without).toMatchObject({ state: 'relaying', dataplane: 'dgram', text: 'batched sockets: this kernel has no UDP_GRO' })
  expect(without).not.toHaveProperty('buffers')
  expect(without).not.toHaveProperty('workers')
  const buffers = { asked: 4_194_304, receive: 212_992, send: 212_992 }
  const withThem = relayStatus({ ...inputs, plane: { name: 'batched', state: { state: 'bound', port: 40_000, families: ['IPv4'], text: '', buffers, workers: 2 } } })
  expect(relayStatusSchema.parse(withThem)).toMatchObject({ state: 'relaying', text: '', dataplane: 'batched', buffers, workers: 2 })
})

test('a plane that is not bound has neither', () => {
  const off = relayStatus({ ...inputs, phase: { name: 'off' }, plane: { name: 'batched', state: { state: 'stopped' } } })
  expect(off).toMatchObject({ state: 'off', text: '' })
  expect(off).not.toHaveProperty('buffers')
})

test('the rate of a session is told whatever the relay does, and nothing where there is none', () => {
  const off = { ...inputs, phase: { name: 'off' }, plane: { name: 'batched', state: { state: 'stopped' } } } as const
  for (const of of [inputs, off]) {
    expect(relayStatus(of)).not.toHaveProperty('sessionRate')
    expect(relayStatusSchema.parse(relayStatus({ ...of, sessionRate: 3_000_000 }))).toMatchObject({ sessionRate: 3_000_000 })
  }
})
