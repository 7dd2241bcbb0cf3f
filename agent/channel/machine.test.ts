import { expect, test } from 'vitest'
import { parseFromNode, type Report } from '../../protocol/channel/index.ts'
import { backoffMs } from './backoff.ts'
import { ChannelMachine, isPassing, outboxLimit, type ChannelCommand } from './machine.ts'

const random = (length: number) => new Uint8Array(length)
const prove = (nonce: string, revision: number) => ({
  type: 'prove', signature: nonce, kind: 'agent', nodeKey: 'n', discoKey: 'd', revision, host: { hostname: 'h', os: 'o', version: '1' },
} as const)
const report = (sequence: number): Report => ({
  boot: 'b', sequence, at: 0, intervalMs: 1000, bytesIn: 0, bytesOut: 0, packetsIn: 0, packetsOut: 0, cpuMs: 0, endpoints: 0,
  drops: {}, sessions: [], ended: [],
})

function sent(commands: readonly ChannelCommand[]) {
  return commands.flatMap((command) => {
    if (command.type !== 'send') return []
    const parsed = parseFromNode(command.text)
    return parsed.ok ? [parsed.value] : []
  })
}

function greet(machine: ChannelMachine, now: number) {
  expect(machine.tick(machine.wakeAt ?? now)).toEqual([{ type: 'connect' }])
  expect(sent(machine.opened())[0]?.type).toBe('hello')
  const proof = sent(machine.frame(JSON.stringify({ type: 'challenge', version: 1, nonce: 'x', now }), now))[0]
  const welcome = machine.frame(JSON.stringify({ type: 'welcome', id: 1, stableId: 's', name: 'r', addresses: [] }), now)
  return { proof, welcome }
}

test('resumes by revision and resends the status and the reports that were not acknowledged', () => {
  const machine = new ChannelMachine({ machineKey: 'mkey:1', prove }, 0, random)
  greet(machine, 0)
  expect(machine.connected).toBe(true)
  machine.applied(7)
  machine.status({ type: 'status', homeDerp: 1, endpoints: [] })
  machine.report(report(1))
  machine.report(report(2))
  machine.frame(JSON.stringify({ type: 'ack', boot: 'b', sequence: 1 }), 5)
  machine.closed(10)
  expect(machine.connected).toBe(false)
  const again = greet(machine, 1000)
  expect(again.proof).toMatchObject({ type: 'prove', revision: 7 })
  expect(sent(again.welcome)).toMatchObject([{ type: 'status' }, { type: 'report', report: { sequence: 2 } }])
})

test('a frame that does not parse closes the socket with its reason and comes back later', () => {
  const machine = new ChannelMachine({ machineKey: 'mkey:1', prove }, 0, random)
  greet(machine, 0)
  expect(machine.frame('{', 100)).toContainEqual({ type: 'close', code: 4000, reason: 'not-json: the frame is not JSON' })
  expect(machine.wakeAt).toBe(225)
})

test('a close that says its frame was misread is a refusal with the reason, and tried again at the slow pace', () => {
  const machine = new ChannelMachine({ machineKey: 'mkey:1', prove }, 0, random)
  greet(machine, 0)
  const [told, ...rest] = machine.closed(100, 4000, 'bad-message: authKey: Too big')
  expect(told).toMatchObject({ type: 'refused', refused: { code: 'bad-frame', text: 'The control plane does not take what this agent sent (bad-message: authKey: Too big)' } })
  expect([rest, machine.wakeAt]).toEqual([[], 8100])
})

test('says when the reports kept are at their bound', () => {
  const machine = new ChannelMachine({ machineKey: 'mkey:1', prove }, 0, random)
  for (let n = 1; n <= outboxLimit; n++) machine.report(report(n))
  expect(machine.outboxFull).toBe(true)
})

test('waits longer with each attempt, never beyond 30 s, spread by chance', () => {
  const full = () => new Uint8Array([255, 255])
  expect([0, 1, 2, 20].map((attempt) => backoffMs(attempt, full))).toEqual([250, 500, 1000, 30_000])
  expect([0, 1, 2, 20].map((attempt) => backoffMs(attempt, random))).toEqual([125, 250, 500, 15_000])
})

test.each([['unavailable', true], ['rate-limited', true], ['forbidden', false], ['removed', false], ['unauthenticated', false]])('a refusal as %s passes by itself: %s', (code, passes) => {
  expect(isPassing({ code })).toBe(passes)
})

test.each([['unavailable', 225], ['forbidden', 8100]])('refused as %s, it comes again after the wait that fits', (code, wakeAt) => {
  const machine = new ChannelMachine({ machineKey: 'mkey:1', prove }, 0, random)
  greet(machine, 0)
  machine.frame(JSON.stringify({ type: 'refused', code, text: 'No', fix: 'Mend it' }), 100)
  expect(machine.wakeAt).toBe(wakeAt)
})
