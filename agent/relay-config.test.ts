import { expect, test } from 'vitest'
import { formatKey } from '../protocol/keys.ts'
import { relayConfig } from './relay-config.ts'

const hour = 3_600_000
/** The control plane's clock. */
const right = Date.UTC(2026, 0, 1, 12)
const peer = { id: 2, name: 'bob', nodeKey: formatKey('nodekey', new Uint8Array(32)), discoKey: formatKey('discokey', new Uint8Array(32)) }

function expiryHere(keyExpiry: number, skewMs: number): number | undefined {
  const view = {
    self: { ...peer, id: 1, stableId: 'n1', kind: 'agent' as const, addresses: [], endpoints: [], homeDerp: 1, capVersion: 1, tags: [], online: true },
    peers: [], relays: [], serves: [2], sessionPeers: [{ ...peer, keyExpiry }], derp: [],
  }
  return relayConfig({ view, accepts: true, addresses: [], skewMs }).nodes[0]?.keyExpiry
}

test.each([
  ['five hours behind', 5 * hour], ['five hours ahead', -5 * hour], ['a day behind', 24 * hour], ['right', 0],
])('with a clock that is %s, a key expires when the control plane says, neither earlier nor later', (_what, skewMs) => {
  const here = (there: number): number => there - skewMs
  const expired = (there: number): boolean => here(there) >= (expiryHere(right + hour, skewMs) ?? Infinity)
  expect([expired(right), expired(right + hour - 1), expired(right + hour), expired(right + 10 * hour)]).toEqual([false, false, true, true])
})

test('the delay of the way is no skew', () => {
  expect(expiryHere(right, 4999)).toBe(right)
  expect(expiryHere(right, -4999)).toBe(right)
})

test('limits of a view are each client’s own; a session’s is the same for all', () => {
  const view = {
    self: { ...peer, id: 1, stableId: 'n1', kind: 'agent' as const, addresses: [], endpoints: [], homeDerp: 1, capVersion: 1, tags: [], online: true },
    peers: [], relays: [], serves: [2, 3, 4], sessionPeers: [], derp: [],
    limits: [{ clients: [2, 4], maxSessions: 3, maxRate: 1_000_000 }, { clients: [3], family: 'ipv4' as const }],
  }
  const { clientLimits } = relayConfig({ view, accepts: true, addresses: [], skewMs: 0 })
  expect(clientLimits).toEqual(new Map([[2, { maxSessions: 3, maxRate: 1_000_000 }], [4, { maxSessions: 3, maxRate: 1_000_000 }], [3, { family: 'ipv4' }]]))
  expect(relayConfig({ view, accepts: true, addresses: [], skewMs: 0, sessionRate: 8_000 }).sessionRate).toBe(8_000)
  expect(relayConfig({ view: undefined, accepts: true, addresses: [], skewMs: 0 }).clientLimits).toEqual(new Map())
})
