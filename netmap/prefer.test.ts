import { expect, test } from 'vitest'
import { compilePolicy, parsePolicy } from '../policy/index.ts'
import { createNetmap, defaultNames, type NetNode, type Network } from './index.ts'
import { plainFacts } from './testing.ts'

function machine(id: number, more: Partial<NetNode> = {}): NetNode {
  return {
    id, name: `m${id}`, stableId: `n${id}`, kind: 'client', nodeKey: `nodekey:${id}`, discoKey: `discokey:${id}`,
    addresses: [`100.64.1.${id}`, `fd7a:115c:a1e0::10${id}`], endpoints: [], homeDerp: 1, capVersion: 130, routes: [], facts: plainFacts(id), tags: [],
    authorized: true, online: true, relayUp: false, owner: 'ann@example.com', ...more,
  }
}

const near = machine(8, { tags: ['tag:near'], relayUp: true })
const far = machine(9, { tags: ['tag:far'], relayUp: true })
const bob = machine(2, { owner: 'bob@example.com' })

function network(nodes: readonly NetNode[]): Network {
  const app = (prefer?: number) => ({ 'tailscale.com/cap/relay': prefer === undefined ? [{}] : [{ prefer }] })
  const parsed = parsePolicy(JSON.stringify({ tagOwners: { 'tag:near': [], 'tag:far': [] }, grants: [
    { src: ['*'], dst: ['tag:near', 'tag:far'], app: app() },
    { src: ['ann@example.com', 'tag:near'], dst: ['tag:near'], app: app(10) },
  ] }))
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message)
  return { nodes, policy: compilePolicy(parsed.policy), derpRegions: [], names: defaultNames, now: 1_000 }
}

test('a client is told of its most preferred relays alone, by name and by rule; the relays still serve all', () => {
  const map = createNetmap(network([machine(1), bob, near, far]))
  const targets = (id: number) => map.view(id)?.packetFilter.flatMap(({ SrcIPs, CapGrant }) => (CapGrant?.some(({ CapMap }) => 'tailscale.com/cap/relay-target' in CapMap) ? SrcIPs : []))
  expect([map.view(1)?.relays, map.view(2)?.relays]).toEqual([[8], [8, 9]])
  expect(new Set(targets(1))).toEqual(new Set(near.addresses))
  expect(new Set(targets(2))).toEqual(new Set([...near.addresses, ...far.addresses]))
  expect([map.view(8)?.serves, map.view(9)?.serves]).toEqual([[1, 2, 9], [1, 2, 8]])
  // A relay is no relay to itself: the one that follows is.
  expect(map.view(8)?.relays).toEqual([9])
  expect(map.view(1)?.peers.map(({ id }) => id)).toEqual([8, 9])
})

test('the next follow when none of them is up, and beside those that may just have gone', () => {
  const map = createNetmap(network([machine(1), bob, near, far]))
  const relays = (change: Partial<NetNode>): readonly number[] | undefined => {
    map.upsert({ ...near, ...change })
    return map.view(1)?.relays
  }
  expect(relays({ relayUp: false })).toEqual([9])
  expect(relays({})).toEqual([8])
  expect(relays({ relayDoubtful: true })).toEqual([8, 9])
  expect(relays({})).toEqual([8])
  map.upsert({ ...far, relayUp: false })
  expect(relays({ relayDoubtful: true })).toEqual([8])
})
