import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { compilePolicy, parsePolicy } from '../../policy/index.ts'
import { createNetmap, defaultNames, type NetNode } from '../index.ts'
import { plainFacts } from '../testing.ts'
import { MapFeed } from './feed.ts'

const start = 1_700_000_000_000
const key = (kind: string, id: number): string => `${kind}:${id.toString(16).padStart(64, '0')}`

function machine(id: number, more: Partial<NetNode> = {}): NetNode {
  return {
    id, name: `m${id}`, stableId: `n${id}`, kind: 'client', nodeKey: key('nodekey', id), discoKey: key('discokey', id), addresses: [`100.64.1.${id}`, `fd7a:115c:a1e0::${id + 100}`],
    endpoints: [], homeDerp: 900, capVersion: 142, routes: [], facts: plainFacts(id), tags: [], authorized: true, online: true, relayUp: false, ...more,
  }
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') throw new Error('the runtime has no collector to call')
  collect()
}

test('what a machine was is forgotten: clients change their addresses for years', async () => {
  const parsed = parsePolicy(JSON.stringify({ grants: [{ src: ['*'], dst: ['*'], ip: ['*'] }] }))
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message)
  const map = createNetmap({ nodes: [machine(1), machine(2)], policy: compilePolicy(parsed.policy), derpRegions: [], names: defaultNames, now: start })
  const told = () => {
    const view = map.view(1)
    if (view === undefined) throw new Error('node 1 is gone')
    return { view, messages: {} }
  }
  const feed = new MapFeed(told(), start, { keepAliveMs: 55_000 })
  feed.take(start)
  const versions: WeakRef<NetNode>[] = []
  for (let turn = 1; turn <= 50; turn++) {
    map.upsert(machine(2, { endpoints: [`192.0.2.${turn}:41641`] }))
    feed.update(told(), start + turn)
    expect(feed.take(start + turn)).toHaveProperty('PeersChangedPatch')
    versions.push(...map.network().nodes.filter(({ id }) => id === 2).map((node) => new WeakRef(node)))
  }
  // A WeakRef holds what it refers to until the end of the turn.
  await new Promise((done) => { setImmediate(done) })
  collectGarbage()
  expect(versions.filter((one) => one.deref() !== undefined).length).toBeLessThanOrEqual(3)
})
