import { expect, test } from 'vitest'
import { actualOf, buffersText, dataPlaneText, isWanted, needsAttention, portToTry, sessionsMove, stateWords } from './relay-words.ts'

test.each([
  ['relaying', '', 'Relaying', ''],
  ['relaying', 'Relaying', 'Relaying', ''],
  ['relaying', 'since 14:09', 'Relaying', 'since 14:09'],
  ['relaying', 'Relaying on port 40000', 'Relaying', 'on port 40000'],
  ['cannot', 'Cannot bind port 40000: in use by pid 812', 'Cannot bind port 40000', 'in use by pid 812'],
  ['cannot', 'port 40000 is in use by pid 812', 'Cannot relay', 'port 40000 is in use by pid 812'],
  ['draining', 'Draining, 3 sessions left', 'Draining, 3 sessions left', ''],
  ['draining', '3 sessions left', 'Draining, 3 sessions left', ''],
  ['offline', 'Not connected since the control plane started', 'Offline', 'Not connected since the control plane started'],
] as const)('%s with "%s" reads "%s" / "%s"', (state, stateText, word, reason) => {
  expect(stateWords({ approved: true, state, stateText, offlineSince: null }, String)).toEqual({ word, reason })
})

test.each([
  ['cannot', 'Cannot bind port 40000: in use by pid 812', 40_000, 40_001],
  ['cannot', 'Cannot bind port 65535: in use', 65_535, null],
  ['cannot', 'Cannot bind port 443: no permission for this port', 443, null],
  ['relaying', 'Cannot bind port 40000: in use', 40_000, null],
] as const)('%s with "%s": the port to try after %i is %s', (state, stateText, port, next) => {
  expect(portToTry({ state, stateText, port })).toBe(next)
})

test('a relay that was connected says since when it is not', () => {
  const time = (at: number) => new Date(at).toISOString().slice(11, 16)
  expect(stateWords({ approved: true, state: 'offline', stateText: 'Its agent is not connected', offlineSince: new Date('2026-01-05T14:02:30Z') }, time))
    .toEqual({ word: 'Offline since 14:02', reason: 'Its agent is not connected' })
})

test('a machine that waits for approval says so, and is no relay that is wanted', () => {
  const relay = { approved: false, advertised: true, state: 'off', stateText: 'Waits for approval', offlineSince: null } as const
  expect(stateWords(relay, String).word).toBe('Waiting for approval')
  expect([isWanted(relay), isWanted({ ...relay, approved: true })]).toEqual([false, true])
  expect(needsAttention(relay)).toBe(true)
})

test('the switch shows wanted and actual apart', () => {
  expect(actualOf({ advertised: true, state: 'relaying' })).toBe('met')
  expect(actualOf({ advertised: true, state: 'off' })).toBe('pending')
  expect(actualOf({ advertised: true, state: 'offline' })).toBe('pending')
  expect(actualOf({ advertised: true, state: 'cannot' })).toBe('failed')
  expect(actualOf({ advertised: false, state: 'relaying' })).toBe('draining')
  expect(actualOf({ advertised: false, state: 'offline' })).toBe('met')
})

test('what needs somebody, and what turning off does', () => {
  expect(needsAttention({ advertised: false, approved: true, state: 'offline' })).toBe(false)
  expect(needsAttention({ advertised: true, approved: true, state: 'offline' })).toBe(true)
  expect(needsAttention({ advertised: true, approved: true, state: 'starting' })).toBe(false)
  expect(sessionsMove(1)).toBe('1 session moves to DERP')
  expect(sessionsMove(4)).toBe('4 sessions move to DERP')
})

test('buffers are one figure where both are alike', () => {
  expect(buffersText({ asked: 4 << 20, receive: 4 << 20, send: 4 << 20 })).toBe('4,096 KiB')
  expect(buffersText({ asked: 4 << 20, receive: 212_992, send: 4 << 20 })).toBe('208 KiB in, 4,096 KiB out')
})

test('a data plane says its threads while it carries, where they are told', () => {
  expect(dataPlaneText({ dataplane: 'batched', workers: 1 }, true)).toBe('batched, 1\u00a0thread')
  expect(dataPlaneText({ dataplane: 'batched', workers: 4 }, true)).toBe('batched, 4\u00a0threads')
  expect(dataPlaneText({ dataplane: 'batched', workers: 4 }, false)).toBe('batched')
  expect(dataPlaneText({ dataplane: 'dgram', workers: null }, true)).toBe('dgram')
})

test('a note of the data plane is the reason beside a relay that relays, and no trouble', () => {
  const noted = { approved: true, advertised: true, state: 'relaying' as const, stateText: 'batched sockets: this kernel has no UDP_GRO', offlineSince: null }
  expect(stateWords(noted, () => '')).toEqual({ word: 'Relaying', reason: 'batched sockets: this kernel has no UDP_GRO' })
  expect(needsAttention(noted)).toBe(false)
})
