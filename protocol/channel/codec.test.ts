import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { encodeMessage, parseFromNode, parseToNode } from './codec.ts'
import type { FromNode, ToNode } from './messages.ts'
import { channelVersion, versionMismatch } from './version.ts'

/** Some seconds of them. */
const mutatedFrames = 60_000

const fromNode: readonly FromNode[] = [
  { type: 'hello', version: 1, machineKey: 'mkey:00' },
  {
    type: 'prove', signature: 'ab', kind: 'agent', nodeKey: 'nodekey:01', discoKey: 'discokey:02',
    host: { hostname: 'lock-1', os: 'linux', version: '0.1.0' }, authKey: 'key', name: 'lock-1', revision: 0,
  },
  { type: 'applied', revision: 7 },
  { type: 'status', homeDerp: 1, endpoints: ['192.0.2.1:40000'] },
  { type: 'leave' },
]

const toNode: readonly ToNode[] = [
  { type: 'challenge', version: 1, nonce: 'n', now: 1 },
  { type: 'welcome', id: 1, stableId: 'n1', name: 'lock-1', addresses: ['100.64.0.1', 'fd7a:115c:a1e0::1'] },
  { type: 'refused', code: 'auth-key-expired', text: 'The auth key has expired', fix: 'Make another in Settings' },
  { type: 'watch', on: true },
  { type: 'ack', boot: 'b', sequence: 3 },
]

test.each(fromNode)('a node’s $type is read back', (message) => {
  expect(parseFromNode(encodeMessage(message))).toEqual({ ok: true, value: message })
})

test.each(toNode)('the control plane’s $type is read back', (message) => {
  expect(parseToNode(encodeMessage(message))).toEqual({ ok: true, value: message })
})

test('what does not parse names the field', () => {
  expect(parseFromNode('{')).toMatchObject({ ok: false, reason: 'not-json' })
  const bad = parseFromNode(JSON.stringify({ type: 'applied', revision: -1 }))
  expect(bad).toMatchObject({ ok: false, reason: 'bad-message' })
  expect(!bad.ok && bad.detail).toMatch(/^revision: /)
})

test('no text makes the parser throw', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
    expect(typeof parseFromNode(text).ok).toBe('boolean')
    expect(typeof parseToNode(text).ok).toBe('boolean')
  }), { numRuns: 2000 })
})

/** Every frame of the recorded conversation, the view and the report among them. */
const recorded: readonly string[] = z.object({ frames: z.array(z.object({ message: z.unknown() })) })
  .parse(JSON.parse(readFileSync(new URL('transcripts/v1.json', import.meta.url), 'utf8'))).frames.map(({ message }) => JSON.stringify(message))
const starts = [...recorded, ...fromNode.map(encodeMessage), ...toNode.map(encodeMessage)]
const pieces = ['null', '-1', '1e999', '0.5', '"', '{', '}', '[', ']', ',', ':', '{}', '[]', 'true', '""', '"__proto__":1,', '\\u0000', '\\ud800', '9007199254740993']

test('no frame with something cut out, put in or doubled makes the parser throw; what it takes is a message, and is read back', () => {
  let state = 1
  /** A whole number below `bound`, the same in each run. */
  const pick = (bound: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
  const counts = { taken: 0, refused: 0, notJson: 0 }
  for (let run = 0; run < mutatedFrames; run++) {
    let text = starts[pick(starts.length)] ?? ''
    for (let times = pick(3); times >= 0; times--) {
      const at = pick(text.length)
      const end = at + pick(12)
      const put = [pieces[pick(pieces.length)] ?? '', text.slice(at, end).repeat(2), '', String.fromCharCode(pick(256))][pick(4)] ?? ''
      text = text.slice(0, at) + put + text.slice(end)
    }
    for (const parse of [parseFromNode, parseToNode]) {
      const parsed = parse(text)
      if (!parsed.ok) {
        counts[parsed.reason === 'not-json' ? 'notJson' : 'refused']++
        if (parsed.detail === '') throw new Error(`refused without a reason: ${text}`)
        continue
      }
      counts.taken++
      const again = parse(encodeMessage(parsed.value))
      if (!again.ok) throw new Error(`taken, but not read back: ${text}`)
    }
  }
  // Each way out is walked, or the mutations are too tame or too wild to say anything.
  for (const count of Object.values(counts)) expect(count).toBeGreaterThan(mutatedFrames / 100)
})

test('a version mismatch says which side to update', () => {
  expect(versionMismatch(channelVersion + 1)).toMatch(/update this side$/)
  expect(versionMismatch(channelVersion - 1)).toMatch(/update the other side$/)
})

test('a million torn frames: a value or a reason, never an exception', () => {
  const texts = [...fromNode, ...toNode].map(encodeMessage)
  let state = 0x70a7
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
  let refused = 0
  for (let i = 0; i < 1_000_000; i++) {
    const text = texts[below(texts.length)] ?? ''
    const at = below(text.length)
    const torn = text.slice(0, at) + String.fromCharCode(below(128)) + text.slice(at + below(3))
    if (!(i % 2 === 0 ? parseFromNode(torn) : parseToNode(torn)).ok) refused++
  }
  expect(refused).toBeGreaterThan(500_000)
}, 60_000)
