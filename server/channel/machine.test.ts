import { expect, test } from 'vitest'
import { challengeText, closeCodes, type FromNode, type Report } from '../../protocol/channel/index.ts'
import { formatKey } from '../../protocol/keys.ts'
import { ConnectionMachine, type MachineCommand } from './machine.ts'
import { admission, frameOf, sentBy, testIdentity } from './testing.ts'
import { verifyMachineKey } from './verify.ts'

let seed = 0
const random = (length: number): Uint8Array => new Uint8Array(length).fill(++seed)
const me = testIdentity()
const report: Report = {
  boot: 'b', sequence: 1, at: 0, intervalMs: 1000, bytesIn: 0, bytesOut: 0, packetsIn: 0, packetsOut: 0, cpuMs: 0, endpoints: 0, drops: {}, sessions: [], ended: [],
}

function machine(now = 0) {
  const it = new ConnectionMachine({ random, verify: verifyMachineKey, now })
  const give = (message: FromNode, at = now): MachineCommand[] => it.frame(frameOf(message), at)
  const challenge = (at = now): string => {
    const [sent] = sentBy(give({ type: 'hello', version: 1, machineKey: me.machineKey }, at))
    return sent?.type === 'challenge' ? sent.nonce : ''
  }
  const open = (): void => {
    give(me.prove(challenge()))
    it.admitted(admission)
  }
  return { it, give, challenge, open }
}

const closing = (commands: readonly MachineCommand[]) => commands.find((command) => command.type === 'close')

test('hello, challenge, proof, welcome: then what the node says goes to its verbs', () => {
  const { it, give, challenge } = machine(5000)
  const nonce = challenge(6000)
  expect(nonce).toMatch(/^[0-9a-f]{64}$/)
  const proof = me.prove(nonce, { now: 1_006_100, revision: 3 })
  expect(give(proof, 6200)).toEqual([{ type: 'admit', machineKey: me.machineKey, prove: proof }])
  expect(sentBy(it.admitted(admission))).toEqual([{ type: 'welcome', id: 7, stableId: 'n7', name: 'lock-1', addresses: ['100.64.0.7', 'fd7a:115c:a1e0::7'] }])
  expect(it.deadline).toBeUndefined()
  const waiting = machine()
  waiting.give(me.prove(waiting.challenge()))
  expect(sentBy(waiting.it.admitted({ ...admission, authorized: false }))).toMatchObject([{ type: 'welcome', authorized: false }])
  expect(give({ type: 'applied', revision: 4 })).toEqual([{ type: 'applied', revision: 4 }])
  expect(give({ type: 'leave' })).toEqual([{ type: 'leave' }])
  // Its clock is a million ahead: seen half-way between challenge and proof.
  expect(give({ type: 'report', report })).toEqual([{ type: 'report', report, skewMs: -1_000_000 }])
  const status: FromNode = { type: 'status', homeDerp: 1, endpoints: [] }
  expect(give(status)).toEqual([{ type: 'status', status }])
})

test.each([
  [2, 'Update the control plane'],
  [0, 'Update the agent on this machine'],
])('channel version %i is refused with which side to update', (version, fix) => {
  const { give, it } = machine()
  const commands = give({ type: 'hello', version, machineKey: 'a key of another kind' })
  expect(sentBy(commands)).toEqual([{ type: 'refused', code: 'version', text: `This machine's agent speaks channel version ${version}, the control plane 1`, fix }])
  expect(closing(commands)).toMatchObject({ code: closeCodes.refused, reason: 'version' })
  expect(it.phase).toBe('closed')
})

test('a signature by another key, for another nonce or for another use is refused', () => {
  const other = testIdentity(2)
  const wrong = [
    (nonce: string) => other.prove(nonce),
    () => me.prove('another nonce'),
    (nonce: string) => me.prove(nonce, { signature: 'zz' }),
    (nonce: string) => me.prove(nonce, { signature: '' }),
    (nonce: string) => me.prove(nonce, { signature: '00'.repeat(64) }),
  ]
  for (const prove of wrong) {
    const { give, challenge } = machine()
    expect(sentBy(give(prove(challenge())))).toMatchObject([{ type: 'refused', code: 'bad-signature' }])
  }
  expect(verifyMachineKey('mkey:00', challengeText('n', 'mkey:00', { nodeKey: '', discoKey: '' }), '00'.repeat(64))).toBe(false)
})

const foreignKey = (kind: 'nodekey' | 'discokey'): string => formatKey(kind, new Uint8Array(32).fill(9))

test.each([
  ['node key swapped', { nodeKey: foreignKey('nodekey') }, 'its own'],
  ['disco key swapped', { discoKey: foreignKey('discokey') }, 'its own'],
  ['auth key swapped', { authKey: 'another' }, 'its own'],
  ['auth key taken away', { authKey: undefined }, 'its own'],
  ['auth key put in', { authKey: 'another' }, undefined],
])('%s by somebody in the middle: refused', (_what, swapped, authKey) => {
  const more = authKey === undefined ? {} : { authKey }
  const first = machine()
  const proof = me.prove(first.challenge(), more)
  expect(sentBy(first.it.frame(JSON.stringify({ ...proof, ...swapped }), 0))).toMatchObject([{ type: 'refused', code: 'bad-signature' }])
  const second = machine()
  expect(second.give(me.prove(second.challenge(), more))).toMatchObject([{ type: 'admit' }])
})

test('a proof that was recorded does not open a second connection', () => {
  const first = machine()
  const recorded = me.prove(first.challenge())
  expect(first.give(recorded)).toMatchObject([{ type: 'admit' }])
  const second = machine()
  second.challenge()
  expect(sentBy(second.give(recorded))).toMatchObject([{ type: 'refused', code: 'bad-signature' }])
})

test('who is not admitted is told why, and nothing more is taken of it', () => {
  const { it, give, challenge } = machine()
  give(me.prove(challenge()))
  const commands = it.refuse({ code: 'auth-key-expired', text: 'The auth key expired', fix: 'Make another in Settings' })
  expect(sentBy(commands)).toEqual([{ type: 'refused', code: 'auth-key-expired', text: 'The auth key expired', fix: 'Make another in Settings' }])
  expect(give({ type: 'leave' })).toEqual([])
  expect(it.admitted(admission)).toEqual([])
  expect(it.refuse({ code: 'x', text: '', fix: '' })).toEqual([])
})

test.each<[string, (it: ReturnType<typeof machine>) => MachineCommand[], string]>([
  ['not JSON', ({ it }) => it.frame('{', 0), 'not-json: the frame is not JSON'],
  ['binary', ({ it }) => it.binaryFrame(), 'not-json: a binary frame'],
  ['a message that is none', ({ it }) => it.frame('{"type":"x"}', 0), 'bad-message: '],
  ['a machine key that is none', ({ give }) => give({ type: 'hello', version: 1, machineKey: 'mkey:00' }), 'machineKey: bad-length'],
  ['a proof before the hello', ({ give }) => give(me.prove('n')), 'prove out of turn'],
  ['a second hello', ({ give, challenge }) => { challenge(); return give({ type: 'hello', version: 1, machineKey: me.machineKey }) }, 'hello out of turn'],
  ['a node key that is none', ({ give, challenge }) => give(me.prove(challenge(), { nodeKey: 'x' })), 'nodeKey: bad-prefix'],
  ['a report before the welcome', ({ give, challenge }) => { give(me.prove(challenge())); return give({ type: 'report', report }) }, 'report out of turn'],
  ['a second proof', ({ give, open }) => { open(); return give(me.prove('n')) }, 'prove out of turn'],
])('%s closes the socket with a code and a reason in the log', (_, act, reason) => {
  const commands = act(machine())
  const close = closing(commands)
  expect(close).toMatchObject({ code: closeCodes.badFrame })
  expect(close?.reason.startsWith(reason)).toBe(true)
  expect(commands[0]).toMatchObject({ type: 'log' })
  expect(JSON.stringify(commands[0])).toContain(reason)
})

test('a close reason fits its frame, whatever it quotes', () => {
  const { it } = machine()
  const close = closing(it.close(closeCodes.tooSlow, '€'.repeat(300)))
  expect(Buffer.byteLength(close?.reason ?? '')).toBe(120)
})

test('silence at the greeting, and an admission that never answers, end by their deadlines', () => {
  const quiet = machine(0)
  expect(quiet.it.tick(9999)).toEqual([])
  expect(closing(quiet.it.tick(10_000))).toMatchObject({ code: closeCodes.tooSlow, reason: 'no hello in time' })
  const half = machine(0)
  half.challenge(5000)
  expect(closing(half.it.tick(10_000))).toMatchObject({ reason: 'no prove in time' })
  const hanging = machine(0)
  hanging.give(me.prove(hanging.challenge()), 9000)
  expect(hanging.it.tick(38_999)).toEqual([])
  expect(closing(hanging.it.tick(39_000))).toMatchObject({ reason: 'not admitted in time' })
})

test('a node that floods is cut off; one that brings the reports it kept is not', () => {
  const { it, give, open } = machine()
  open()
  for (let n = 0; n < 120; n++) expect(closing(give({ type: 'report', report }))).toBeUndefined()
  let taken = 0
  while (it.phase === 'open') {
    give({ type: 'applied', revision: 1 })
    taken++
  }
  expect(taken).toBeLessThan(300)
  expect(give({ type: 'applied', revision: 1 })).toEqual([])
})
