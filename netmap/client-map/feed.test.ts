import { describe, expect, test } from 'vitest'
import { compilePolicy, parsePolicy } from '../../policy/index.ts'
import { mapResponseSchema, type MapResponse } from '../../protocol/tailcfg/index.ts'
import { createNetmap, defaultNames, type NetNode } from '../index.ts'
import { plainFacts } from '../testing.ts'
import { MapFeed, relayHoldMs } from './feed.ts'
import { firstMap } from './first-map.ts'
import { ModelClient } from './testing.ts'
import type { Told } from './told.ts'

const start = 1_700_000_000_000
const key = (kind: string, id: number): string => `${kind}:${id.toString(16).padStart(64, '0')}`

function policy(grants: readonly object[]) {
  const parsed = parsePolicy(JSON.stringify({ tagOwners: { 'tag:relay': [] }, grants }))
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message)
  return compilePolicy(parsed.policy)
}
const everything = { src: ['*'], dst: ['*'], ip: ['*'] }
const relayGrant = { src: ['*'], dst: ['tag:relay'], app: { 'tailscale.com/cap/relay': [] } }

function machine(id: number, more: Partial<NetNode> = {}): NetNode {
  return {
    id, name: `m${id}`, stableId: `n${id}`, kind: 'client', nodeKey: key('nodekey', id), discoKey: key('discokey', id), addresses: [`100.64.1.${id}`, `fd7a:115c:a1e0::${id + 100}`],
    endpoints: [], homeDerp: 900, capVersion: 142, routes: [], facts: plainFacts(id), tags: [], authorized: true, online: true, relayUp: false, ...more,
  }
}
const relay = machine(9, { kind: 'agent', tags: ['tag:relay'], relayUp: true })

/** The feed of node 1 in a network of its own, with a clock set by hand. */
function world(nodes: readonly NetNode[], grants: readonly object[] = [everything, relayGrant]) {
  const map = createNetmap({ nodes, policy: policy(grants), derpRegions: [], names: defaultNames, now: start })
  const told = (): Told => {
    const view = map.view(1)
    if (view === undefined) throw new Error('node 1 is gone')
    return { view, messages: {} }
  }
  const time = { now: start }
  const feed = new MapFeed(told(), start, { keepAliveMs: 55_000 })
  const take = (): MapResponse | undefined => {
    const message = feed.take(time.now)
    return message && mapResponseSchema.parse(JSON.parse(JSON.stringify(message)))
  }
  return {
    map, feed, time, take, told,
    all(): MapResponse[] {
      const messages: MapResponse[] = []
      for (let message = take(); message !== undefined; message = take()) messages.push(message)
      return messages
    },
    change(change: () => unknown) {
      change()
      feed.update(told(), time.now)
    },
  }
}

test('all of it at once, then nothing, then a keep-alive with the time in it (trap 2)', () => {
  const { take, time, feed } = world([machine(1), machine(2)])
  expect(take()).toHaveProperty('Node')
  time.now += 54_999
  expect(take()).toBeUndefined()
  expect(feed.due()).toBe(start + 55_000)
  time.now += 1
  expect(take()).toEqual({ KeepAlive: true, ControlTime: new Date(time.now).toISOString() })
  expect(take()).toBeUndefined()
})

test('any message is a sign of life', () => {
  const { take, time, change, map } = world([machine(1), machine(2)])
  take()
  time.now += 50_000
  change(() => map.upsert(machine(2, { homeDerp: 901 })))
  expect(take()).toHaveProperty('PeersChangedPatch')
  time.now += 54_999
  expect(take()).toBeUndefined()
})

describe('a client that takes nothing', () => {
  test('is told of a thousand changes in one message, the last of each', () => {
    const { take, all, feed, change, map, time, told } = world([machine(1), machine(2), machine(3)])
    const client = new ModelClient()
    client.apply(take() ?? {})
    feed.blocked(start)
    for (let i = 0; i < 1000; i++) change(() => map.upsert(machine(2 + (i % 2), { endpoints: [`192.0.2.1:${i + 1}`] })))
    change(() => map.remove(3))
    expect(take()).toBeUndefined()
    feed.unblocked()
    const messages = all()
    expect(messages).toEqual([{ PeersRemoved: [3], PeersChangedPatch: [{ NodeID: 2, Endpoints: ['192.0.2.1:999'] }] }])
    for (const message of messages) client.apply(message)
    const whole = new ModelClient()
    whole.apply(firstMap(told(), time.now))
    expect(client.state).toEqual(whole.state)
  })

  test('gets a whole new map when most of it changed', () => {
    const many = Array.from({ length: 80 }, (_, i) => machine(i + 10))
    const { take, feed, change, map } = world([machine(1), ...many], [everything])
    take()
    feed.blocked(start)
    change(() => map.setNodes([machine(1), ...many.map((node) => ({ ...node, name: `x${node.id}` }))]))
    feed.unblocked()
    const message = take()
    expect(message?.Peers).toHaveLength(80)
    expect(message?.PacketFilters).toHaveProperty('*', null)
  })

  test('is not asked again and again: what waits comes when it takes it', () => {
    const { all, feed, change, map, time } = world([machine(1), machine(2), { ...relay, relayUp: false }])
    all()
    feed.blocked(time.now)
    change(() => map.upsert(machine(2, { homeDerp: 901 })))
    expect(feed.isHeld(time.now)).toBe(false)
    change(() => map.upsert(relay))
    expect(feed.isHeld(time.now)).toBe(true)
    time.now += relayHoldMs
    expect(feed.isHeld(time.now)).toBe(false)
    feed.unblocked()
    expect(all()).toMatchObject([{ PeersChangedPatch: [{ NodeID: 2, DERPRegion: 901 }], PacketFilters: { relay: [{ SrcIPs: relay.addresses }] } }])
  })

  test('is given up after a minute in which nothing moves', () => {
    const { take, feed, time } = world([machine(1)])
    take()
    feed.blocked(time.now)
    time.now += 59_000
    expect(feed.isStuck(time.now)).toBe(false)
    feed.moved(time.now)
    time.now += 59_999
    expect(feed.isStuck(time.now)).toBe(false)
    time.now += 1
    expect(feed.isStuck(time.now)).toBe(true)
    feed.unblocked()
    expect(feed.isStuck(time.now)).toBe(false)
  })
})

describe('a relay', () => {
  test('that is new to a client is named a moment later, as the relay must know of it first (trap 24); nothing else waits', () => {
    const { all, change, map, time, feed } = world([machine(1), machine(2), { ...relay, relayUp: false }])
    all()
    change(() => map.setNodes([machine(1), machine(2, { homeDerp: 901 }), relay]))
    expect(all()).toEqual([{ PeersChangedPatch: [{ NodeID: 2, DERPRegion: 901 }] }])
    expect(feed.isHeld(time.now)).toBe(true)
    expect(feed.due()).toBe(time.now + relayHoldMs)
    time.now += relayHoldMs
    expect(all()).toMatchObject([{ PacketFilters: { relay: [{ SrcIPs: relay.addresses }] } }])
    expect(feed.isHeld(time.now)).toBe(false)
  })

  test('beside one that it has: that one stays named meanwhile', () => {
    const second = { ...relay, ...machine(8, { kind: 'agent', tags: ['tag:relay'] }) }
    const { all, change, map, time } = world([machine(1), relay, second])
    all()
    change(() => map.upsert({ ...second, relayUp: true }))
    expect(all()).toEqual([])
    time.now += relayHoldMs
    expect(all().flatMap(({ PacketFilters }) => PacketFilters?.['relay']?.[0]?.SrcIPs)).toEqual(['100.64.1.8', '100.64.1.9', 'fd7a:115c:a1e0::108', 'fd7a:115c:a1e0::109'])
  })

  test('that may not be used any more, or went before it was named, is taken away at once', () => {
    const { all, change, map, feed, time } = world([machine(1), machine(2), relay])
    all()
    change(() => map.setPolicy(policy([everything])))
    expect(all()).toEqual([{ PacketFilters: { relay: null } }])
    change(() => map.setPolicy(policy([everything, relayGrant])))
    expect(all()).toEqual([])
    change(() => map.setPolicy(policy([everything])))
    expect(all()).toEqual([])
    expect(feed.isHeld(time.now)).toBe(false)
  })
})

test('questions come after what there is to be told, each in a message of its own; too many are refused', () => {
  const { all, feed, change, map } = world([machine(1), machine(2)])
  all()
  change(() => map.upsert(machine(2, { homeDerp: 901 })))
  const ask = (i: number): boolean => feed.say({ PingRequest: { URL: `https://unused/c2n/${i}` } })
  expect(Array.from({ length: 17 }, (_, i) => ask(i)).filter(Boolean)).toHaveLength(16)
  const messages = all()
  expect(messages[0]).toHaveProperty('PeersChangedPatch')
  expect(messages.slice(1).map(({ KeepAlive, PingRequest }) => [KeepAlive, PingRequest?.URL])).toEqual(Array.from({ length: 16 }, (_, i) => [true, `https://unused/c2n/${i}`]))
})
