import { expect, test } from 'vitest'
import { compilePolicy, defaultPolicy, parsePolicy } from '../../policy/index.ts'
import { type NetNode, defaultNames, viewFor } from '../index.ts'
import { plainFacts } from '../testing.ts'
import { MapFeed, relayHoldMs } from './feed.ts'
import type { Told } from './told.ts'

const parsed = parsePolicy(defaultPolicy())
if (!parsed.ok) throw new Error('the default policy is valid')
const policy = compilePolicy(parsed.policy)

function machine(id: number, more: Partial<NetNode> = {}): NetNode {
  return {
    id, name: `m${id}`, stableId: `n${id}`, kind: 'client', nodeKey: `nodekey:${id}`, discoKey: `discokey:${id}`, addresses: [`100.64.0.${id}`], endpoints: [],
    homeDerp: 900, capVersion: 142, routes: [], facts: plainFacts(id), tags: [], authorized: true, online: true, relayUp: false, ...more,
  }
}

function told(relayUp: boolean): Told {
  const nodes = [machine(1), machine(2), machine(9, { kind: 'agent', tags: ['tag:relay'], relayUp })]
  const view = viewFor(1, { nodes, policy, derpRegions: [], names: defaultNames, now: 0 })
  if (view === undefined) throw new Error('the node is there')
  return { view, messages: {} }
}

test('a relay that came up is named after the moment in which it hears of the client itself, without another change', () => {
  const feed = new MapFeed(told(false), 0, { keepAliveMs: 50_000 })
  expect(feed.take(0)).toMatchObject({ Peers: [{ ID: 2 }, { ID: 9 }] })
  feed.update(told(true), 1000)
  expect(feed.take(1000)).toBeUndefined()
  expect(feed.isHeld).toBe(true)
  expect(feed.due()).toBe(1000 + relayHoldMs)
  expect(feed.take(feed.due())).toHaveProperty('PacketFilters.relay')
  expect(feed.isHeld).toBe(false)
  expect(feed.take(2000)).toBeUndefined()
  expect(feed.due()).toBe(1000 + relayHoldMs + 50_000)
})

test('one that goes is taken away at once', () => {
  const feed = new MapFeed(told(true), 0, { keepAliveMs: 50_000 })
  expect(feed.take(0)).toHaveProperty('PacketFilters.relay')
  feed.update(told(false), 10)
  expect(feed.take(10)).toHaveProperty('PacketFilters.relay', null)
})
