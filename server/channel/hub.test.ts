import { afterEach, expect, test } from 'vitest'
import { closeCodes } from '../../protocol/channel/index.ts'
import { TowpathError } from '../errors/index.ts'
import { testIdentity, testView } from './testing.ts'
import { hubRig, RawNode, TestServices, type HubRig } from './testing-hub.ts'

/** Bounded: rigs of one test. */
const rigs: HubRig[] = []
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.stop()
})

async function start(services = new TestServices(), limits = {}): Promise<{ rig: HubRig; services: TestServices }> {
  const rig = await hubRig(services, limits)
  rigs.push(rig)
  return { rig, services }
}

async function joined(rig: HubRig, identity = testIdentity(), revision = 0): Promise<RawNode> {
  const node = new RawNode(rig.url)
  await node.join(identity, revision)
  return node
}

/** Whatever the node has not heard by the answer to this, it was not sent before. */
async function roundTrip(node: RawNode): Promise<void> {
  const pong = new Promise((resolve) => { node.socket.once('pong', resolve) })
  node.socket.ping()
  await pong
}

test('a node that proves its key is welcome, online, and gets its view', async () => {
  const { rig, services } = await start()
  const node = await joined(rig)
  await node.until(() => node.views().length === 1)
  expect(node.heard.map(({ type }) => type)).toEqual(['challenge', 'welcome', 'watch', 'view'])
  expect(node.last('view')?.view).toEqual(testView(1))
  expect([rig.hub.isOnline(1), rig.hub.counts()]).toMatchObject([true, { connections: 1, nodes: 1, unproven: 0 }])
  expect(services.claims[0]?.ip).toBe('127.0.0.1')
  node.socket.close()
  await node.until(() => rig.presence.length === 2)
  expect(rig.presence).toEqual(['1 online', '1 offline'])
  expect(rig.hub.counts()).toMatchObject({ connections: 0, nodes: 0, unproven: 0 })
})

test('a burst of changes is one push with the first cause that says something; an equal view is not pushed', async () => {
  const { rig, services } = await start()
  const node = await joined(rig)
  await node.until(() => node.views().length === 1)
  services.views.set(1, testView(1, [9]))
  const began = performance.now()
  for (const cause of ['', 'grant removed', 'renamed']) rig.bus.publish('views.changed', { nodeIds: [1, 55], cause })
  await node.until(() => node.views().length === 2)
  expect(performance.now() - began).toBeLessThan(1000)
  rig.bus.publish('views.changed', { nodeIds: [1], cause: 'nothing new' })
  services.views.set(1, testView(1, [9, 10]))
  rig.bus.publish('views.changed', { nodeIds: [1], cause: 'another' })
  await node.until(() => node.views().length === 3)
  expect(node.views().slice(1)).toEqual([{ revision: 2, cause: 'grant removed' }, { revision: 3, cause: 'nothing new' }])
})

test('an unchanged view is not sent again: after a reconnection, nor after a restart of the control plane', async () => {
  const { rig, services } = await start()
  const identity = testIdentity()
  const first = await joined(rig, identity)
  await first.until(() => services.nodes.get(identity.machineKey)?.viewRevision === 1)
  first.socket.close()
  await first.until(() => !rig.hub.isOnline(1))
  const again = await joined(rig, identity, 1)
  // Something that is pushed after it: the unchanged one would have come before.
  await again.until(() => again.last('watch') !== undefined)
  await roundTrip(again)
  services.views.set(1, testView(1, [9]))
  rig.bus.publish('views.changed', { nodeIds: [1], cause: 'lock-9 is up' })
  await again.until(() => again.views().length > 0)
  expect(again.views()).toEqual([{ revision: 2, cause: expect.any(String) }])
  await again.until(() => services.nodes.get(identity.machineKey)?.viewRevision === 2)

  const { rig: restarted } = await start(services)
  const late = await joined(restarted, identity, 2)
  // One that lost what it had gets the same revision again.
  const empty = await joined(restarted, identity, 0)
  await empty.until(() => empty.views().length > 0)
  expect(empty.views()).toMatchObject([{ revision: 2 }])
  expect(late.views()).toEqual([])
})

test('of changes told together, one that takes something away is the cause', async () => {
  const { rig, services } = await start()
  const identity = testIdentity()
  const node = await joined(rig, identity)
  await node.until(() => node.views().length === 1)
  const change = (relays: number[]): void => {
    services.views.set(1, testView(1, relays))
    rig.bus.publish('views.changed', { nodeIds: [1], cause: 'lock-3 is connected' })
    rig.bus.publish('views.changed', { nodeIds: [1], cause: 'grant removed', revokes: true })
    rig.bus.publish('views.changed', { nodeIds: [1], cause: 'tag changed', revokes: true })
  }
  change([9])
  await node.until(() => node.views().length === 2)
  node.socket.close()
  await node.until(() => !rig.hub.isOnline(1))
  change([10])
  const back = await joined(rig, identity, 2)
  await back.until(() => back.views().length > 0)
  expect([node.views()[1]?.cause, back.views()[0]?.cause]).toEqual(['grant removed', 'grant removed'])
})

test('a node that is ahead of the database gets a revision beyond its own', async () => {
  const { rig } = await start()
  const node = await joined(rig, testIdentity(), 40)
  await node.until(() => node.views().length > 0)
  expect(node.views()).toMatchObject([{ revision: 41 }])
})

test('a node’s word on revisions is believed only as far as it can be true', async () => {
  const { rig, services } = await start()
  const identity = testIdentity()
  const node = await joined(rig, identity, 2 ** 50)
  await node.until(() => node.views().length > 0)
  expect(node.views()).toMatchObject([{ revision: 1 }])
  node.say({ type: 'applied', revision: 2 ** 50 })
  await roundTrip(node)
  expect(services.applied.get(1)).toBeUndefined()
  await node.until(() => services.nodes.get(identity.machineKey)?.viewRevision === 1)
  // Its word that it applied was lost with the connection; the next one says it again.
  await joined(rig, identity, 1)
  await node.until(() => services.applied.get(1) === 1)
})

test('what changed while a node was away is told with its cause', async () => {
  const { rig, services } = await start()
  const identity = testIdentity()
  const node = await joined(rig, identity)
  await node.until(() => node.views().length === 1)
  node.socket.close()
  await node.until(() => !rig.hub.isOnline(1))
  services.views.set(1, testView(1, [9]))
  rig.bus.publish('views.changed', { nodeIds: [1], cause: 'grant removed' })
  const back = await joined(rig, identity, 1)
  await back.until(() => back.views().length > 0)
  expect(back.views()).toEqual([{ revision: 2, cause: 'grant removed' }])
})

test('views are pushed also while their revisions cannot be saved', async () => {
  const services = new TestServices()
  services.saveFails = true
  const { rig } = await start(services)
  const identity = testIdentity()
  const node = await joined(rig, identity)
  await node.until(() => node.views().length === 1)
  services.saveFails = false
  services.views.set(1, testView(1, [9]))
  rig.bus.publish('views.changed', { nodeIds: [1], cause: 'x' })
  await node.until(() => services.nodes.get(identity.machineKey)?.viewRevision === 2)
  expect(rig.lines).toContain('channel: revisions of views not saved')
})

test('of two connections with one machine key the newest wins', async () => {
  const { rig } = await start()
  const identity = testIdentity()
  const older = await joined(rig, identity)
  const newer = await joined(rig, identity)
  await older.until(() => older.closed !== undefined)
  expect(older.closed?.code).toBe(closeCodes.replaced)
  expect(newer.closed).toBeUndefined()
  expect(rig.hub.isOnline(1)).toBe(true)
  expect(rig.presence).toEqual(['1 online', '1 online'])
})

test('a frame that does not parse closes that socket alone, with the reason in the log', async () => {
  const { rig } = await start()
  const [bad, binary, good] = [await joined(rig), await joined(rig), await joined(rig)]
  bad.socket.send('{"type":"status","homeDerp":"x"}')
  binary.socket.send(new Uint8Array([1, 2, 3]))
  await bad.until(() => bad.closed !== undefined && binary.closed !== undefined)
  expect([bad.closed?.code, binary.closed?.code]).toEqual([closeCodes.badFrame, closeCodes.badFrame])
  expect(rig.lines.some((line) => line.includes('bad-message: homeDerp'))).toBe(true)
  good.say({ type: 'applied', revision: 1 })
  await roundTrip(good)
  expect(good.closed).toBeUndefined()
})

test('who is refused is told the verb’s reason; a bug says nothing of itself', async () => {
  const { rig, services } = await start()
  services.refuseWith = new TowpathError({ code: 'forbidden', text: 'The auth key expired', fix: 'Make another in Settings' })
  const node = await joined(rig)
  expect(node.last('refused')).toEqual({ type: 'refused', code: 'forbidden', text: 'The auth key expired', fix: 'Make another in Settings' })
  expect(rig.logged).toContainEqual(expect.objectContaining({ text: 'channel: closed (4001): forbidden', host: 'lock' }))
  services.refuseWith = new Error('secret of the database')
  const other = await joined(rig)
  expect(other.last('refused')).toMatchObject({ code: 'unavailable' })
  expect(JSON.stringify(other.heard)).not.toContain('secret')
  expect(rig.presence).toEqual([])
})

test('a removed node is told so and closed', async () => {
  const { rig } = await start()
  const node = await joined(rig)
  rig.bus.publish('node.removed', { nodeId: 1, nodeKey: '', cause: 'removed by Ann' })
  await node.until(() => node.closed !== undefined)
  expect(node.last('refused')).toMatchObject({ code: 'removed', text: expect.stringContaining('removed by Ann') })
  expect(node.closed?.code).toBe(closeCodes.refused)
})

test('reports are acknowledged once taken; agents are told when somebody looks', async () => {
  const { rig } = await start()
  const node = await joined(rig)
  expect(node.last('watch')).toEqual({ type: 'watch', on: false })
  rig.watch([1])
  await node.until(() => node.last('watch')?.on === true)
  const report = { boot: 'b', sequence: 4, at: 0, intervalMs: 1, bytesIn: 0, bytesOut: 0, packetsIn: 0, packetsOut: 0, cpuMs: 0, endpoints: 0, drops: {}, sessions: [], ended: [] }
  node.say({ type: 'report', report })
  await node.until(() => node.last('ack') !== undefined)
  expect([node.last('ack'), rig.reports]).toEqual([{ type: 'ack', boot: 'b', sequence: 4 }, [report]])
})

test('what a node says last is taken, also when it closes at once', async () => {
  const { rig, services } = await start()
  const node = await joined(rig)
  node.say({ type: 'applied', revision: 1 })
  node.say({ type: 'leave' })
  node.socket.close()
  await node.until(() => services.left.length === 1)
  expect(services.applied.get(1)).toBe(1)
})

test('another path, another subprotocol and too many strangers are turned away', async () => {
  const { rig } = await start(new TestServices(), { maxUnprovenPerIp: 1 })
  const first = new RawNode(rig.url)
  await first.opened()
  const turnedAway = [new RawNode(rig.url), new RawNode(rig.url, { path: '/other' }), new RawNode(rig.url, { protocol: 'other' })]
  for (const node of turnedAway) await node.until(() => node.failed !== undefined)
  expect(turnedAway.map(({ failed }) => failed)).toEqual(['Unexpected server response: 429', 'Unexpected server response: 404', 'Unexpected server response: 400'])
  await first.join(testIdentity())
  expect(rig.hub.counts()).toMatchObject({ connections: 1, nodes: 1, unproven: 0 })
})

test('a stranger may not send much; a proven node may send a long report', async () => {
  const { rig } = await start()
  const stranger = new RawNode(rig.url)
  await stranger.opened()
  stranger.socket.send('x'.repeat(1 << 20))
  await stranger.until(() => stranger.closed !== undefined)
  expect(rig.lines.some((line) => line.includes('bytes without a proof'))).toBe(true)
  const node = await joined(rig)
  const drops = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`reason-${i}`, i]))
  node.say({ type: 'report', report: { boot: 'b', sequence: 1, at: 0, intervalMs: 1, bytesIn: 0, bytesOut: 0, packetsIn: 0, packetsOut: 0, cpuMs: 0, endpoints: 0, drops, sessions: [], ended: [] } })
  await node.until(() => rig.reports.length === 1)
  expect(node.closed).toBeUndefined()
})

test('at the end every channel is closed with the reason, and no node is said to have gone', async () => {
  const { rig } = await start()
  const node = await joined(rig)
  await rig.hub.dispose()
  await node.until(() => node.closed !== undefined)
  expect(node.closed?.code).toBe(closeCodes.shuttingDown)
  expect(rig.presence).toEqual(['1 online'])
})
