import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeMessage, parseFromNode, parseToNode } from './codec.ts'
import type { FromNode, ToNode } from './messages.ts'
import { channelVersion, versionMismatch } from './version.ts'

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

test('a version mismatch says which side to update', () => {
  expect(versionMismatch(channelVersion + 1)).toMatch(/update this side$/)
  expect(versionMismatch(channelVersion - 1)).toMatch(/update the other side$/)
})
