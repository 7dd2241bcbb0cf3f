import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { MapResponse } from '../../../protocol/tailcfg/index.ts'
import { connect, type CoordinationClient } from '../../../tests/coordination-client/index.ts'
import { mapMessages } from '../../../tests/coordination-client/map-reader.ts'
import { openTestTransport, type TestTransport } from '../../../tests/coordination-client/rig.ts'
import { withTestDb } from '../../db/testing.ts'
import { joinClient } from '../../services/node/join-client.ts'
import { hostinfoSchema } from '../../../protocol/tailcfg/index.ts'
import { emptyDb, person, testContext, type TestContext } from '../../services/testing.ts'
import { removeMachine } from '../../services/node/remove.ts'
import { renameMachine } from '../../services/node/rename.ts'
import { createMapStreams, type MapStreams } from './index.ts'

const database = withTestDb()
const ann = person('admin')
const key = (kind: string): string => `${kind}:${randomBytes(32).toString('hex')}`
let ctx: TestContext
let streams: MapStreams
let rig: TestTransport
let open: CoordinationClient[] = []
const problems: string[] = []

beforeEach(async () => {
  await emptyDb(database.db)
  ctx = await testContext(database.db)
  problems.length = 0
  const keep = (_: object, text: string): void => void problems.push(text)
  streams = createMapStreams({ services: ctx, log: { info: () => {}, warn: keep, error: keep } })
  const stop = ctx.bus.subscribe('node.removed', ({ nodeId }) => streams.remove(nodeId))
  rig = await openTestTransport({ '/machine/map': streams.handler })
  open = []
  return async () => {
    stop()
    for (const client of open) await client.close()
    await rig.close()
    streams.dispose()
  }
})
afterEach(() => ctx.dispose())

interface Machine {
  readonly id: number
  readonly nodeKey: string
  readonly client: CoordinationClient
}

/** A machine whose home is known, as after its first check of the network; `isNew`: one that has just joined. */
async function join(name: string, isNew = false): Promise<Machine> {
  const client = await connect(rig.url)
  open.push(client)
  const nodeKey = key('nodekey')
  const claim = { machineKey: client.machineKey, nodeKey, capVersion: 142, hostinfo: hostinfoSchema.parse({ Hostname: name, OS: 'linux', IPNVersion: '1.102.3' }), ephemeral: false, ip: '192.0.2.1' }
  const { record } = await database.db.$transaction((tx) => joinClient(ctx, tx, () => {}, claim, { tags: [], ownerId: null, personId: null, ephemeral: false, authorized: true }))
  if (!isNew) await database.db.node.update({ where: { id: record.id }, data: { homeDerp: 900 } })
  ctx.bus.publish('node.changed', { nodeId: record.id, cause: 'joined' })
  await ctx.network.settled()
  return { id: record.id, nodeKey, client }
}

const request = ({ nodeKey }: Pick<Machine, 'nodeKey'>, more: object = {}): object => ({ Version: 142, Compress: 'zstd', KeepAlive: true, NodeKey: nodeKey, ...more })
const lite = (machine: Machine, more: object = {}) => machine.client.request('/machine/map', request(machine, { OmitPeers: true, ...more }))

/** A stream, and a way to wait for its next message that says something. */
async function stream(machine: Machine, discoKey = key('discokey')) {
  const body = await machine.client.stream('/machine/map', request(machine, { Stream: true, DiscoKey: discoKey }))
  const messages = mapMessages(body)
  const next = async (): Promise<MapResponse> => {
    const { value, done } = await messages.next()
    if (done === true) throw new Error('the stream ended')
    return value
  }
  /** Passes over others. */
  const until = async (isIt: (message: MapResponse) => boolean): Promise<MapResponse> => {
    for (;;) {
      const message = await next()
      if (isIt(message)) return message
    }
  }
  return { status: body.status, next, until, discoKey, cancel: () => body.cancel(), ended: async () => { for await (const _ of messages) { /* to the end */ } } }
}

test('a client gets all at once, and then only what changes', async () => {
  const [a, b] = [await join('a'), await join('b')]
  const one = await stream(a)
  expect(await one.next()).toMatchObject({ Node: { ID: a.id, Name: 'a.towpath.internal.', Key: a.nodeKey, MachineAuthorized: true }, Peers: [] })
  await one.until(({ Node }) => Node?.DiscoKey === one.discoKey)
  const two = await stream(b)
  const first = await two.next()
  expect(first.Peers?.map(({ ID, DiscoKey, Online, Cap }) => ({ ID, DiscoKey, Online, Cap }))).toEqual([{ ID: a.id, DiscoKey: one.discoKey, Online: true, Cap: 142 }])
  expect(await one.until(({ PeersChanged }) => PeersChanged !== undefined)).toMatchObject({ PeersChanged: [{ ID: b.id, DiscoKey: two.discoKey }] })

  const hostinfo = { Hostname: 'b', OS: 'linux', IPNVersion: '1.102.3', NetInfo: { PreferredDERP: 901 } }
  expect((await lite(b, { DiscoKey: two.discoKey, Hostinfo: hostinfo, Endpoints: ['198.51.100.1:41641', '[fe80::1%eth0]:1', '[fe80::2]:2'] })).status).toBe(200)
  expect(await one.until(({ PeersChangedPatch }) => PeersChangedPatch?.some(({ Endpoints }) => Endpoints) ?? false)).toMatchObject({
    PeersChangedPatch: [{ NodeID: b.id, DERPRegion: 901, Endpoints: ['198.51.100.1:41641'] }],
  })
  // Where its peer API listens cannot be patched.
  await lite(b, { Hostinfo: { ...hostinfo, Services: [{ Proto: 'peerapi4', Port: 4321 }, { Proto: 'tcp', Port: 22 }] }, Endpoints: ['198.51.100.1:41641'] })
  expect(await one.until(({ PeersChanged }) => PeersChanged !== undefined)).toMatchObject({ PeersChanged: [{ ID: b.id, Hostinfo: { Services: [{ Proto: 'peerapi4', Port: 4321 }] } }] })
  await renameMachine(ctx, ann, { id: b.id, name: 'other' })
  expect(await one.until(({ PeersChanged }) => PeersChanged !== undefined)).toMatchObject({ PeersChanged: [{ Name: 'other.towpath.internal.' }] })
  expect(await two.until(({ Node }) => Node?.Name === 'other.towpath.internal.')).toBeDefined()
  expect(problems).toEqual([])
})

describe('a client that is new', () => {
  const found = { Hostname: 'b', OS: 'linux', NetInfo: { PreferredDERP: 900 }, Services: [{ Proto: 'peerapi4', Port: 1 }] }

  test('costs the others one message', async () => {
    const [a, b] = [await join('a'), await join('b', true)]
    const one = await stream(a)
    await one.until(({ Node }) => Node?.DiscoKey !== undefined)
    const before = streams.written(a.id)?.messages ?? 0
    const [two] = await Promise.all([stream(b), lite(b, { Hostinfo: { Hostname: 'b', OS: 'linux' } })])
    await lite(b, { DiscoKey: two.discoKey, Hostinfo: found, Endpoints: ['198.51.100.1:41641'] })
    const message = await one.until(({ PeersChanged }) => PeersChanged !== undefined)
    expect(message.PeersChanged).toMatchObject([{ ID: b.id, DiscoKey: two.discoKey, HomeDERP: 900, Online: true, Endpoints: ['198.51.100.1:41641'], Hostinfo: { Services: [{ Port: 1 }] } }])
    await ctx.network.settled()
    expect(streams.written(a.id)?.messages).toBe(before + 1)
  })

  test('and finds no home is told of a moment later', async () => {
    const [a, b] = [await join('a'), await join('b', true)]
    const one = await stream(a)
    const two = await stream(b)
    expect(await one.until(({ PeersChanged }) => PeersChanged !== undefined)).toMatchObject({ PeersChanged: [{ ID: b.id, DiscoKey: two.discoKey }] })
  })
})

describe('a client is told of the login server', () => {
  const shown = async (joinUrl: string | null, joinWarning: string): Promise<readonly string[]> => {
    const { server } = ctx
    streams.dispose()
    streams = createMapStreams({ services: { ...ctx, server: { ...server, joinUrl, joinWarning } }, log: { info: () => {}, warn: () => {}, error: () => {} } })
    await rig.close()
    rig = await openTestTransport({ '/machine/map': streams.handler })
    const lock = await stream(await join('lock-1'))
    return Object.keys((await lock.next()).DisplayMessages ?? {})
  }

  test('that it will not come back to', async () => {
    expect(await shown(null, 'They dial only https')).toEqual(['towpath-login-server'])
  })

  test('nothing that is for others: who is in trusts its certificate', async () => {
    expect(await shown('https://relay.example', 'Signed by itself')).toEqual([])
  })
})

test('a client that reads nothing holds nobody up, and gets all in order when it reads again', async () => {
  const [a, b] = [await join('a'), await join('b')]
  const [one, two] = [await stream(a), await stream(b)]
  await two.until(({ PeersChanged }) => PeersChanged !== undefined)
  let asked = 0
  const ask = (): boolean => streams.tell(a.id, { PingRequest: { URL: `https://unused/c2n/${asked}`, Types: 'c2n', Payload: randomBytes(3000).toString('base64') } })
  let before = -1
  // Until its window is full, and as many questions wait as may.
  await expect.poll(() => {
    while (ask()) asked++
    const isFull = asked === before
    before = asked
    return isFull
  }, { interval: 100, timeout: 5000 }).toBe(true)
  expect(streams.counts().blocked).toBe(1)
  for (const name of ['x', 'y', 'z']) await renameMachine(ctx, ann, { id: a.id, name })
  expect(await two.until(({ PeersChanged }) => PeersChanged?.[0]?.Name === 'z.towpath.internal.')).toBeDefined()
  const names: string[] = []
  const urls: string[] = []
  while (urls.length < asked) {
    const { Node, PingRequest } = await one.next()
    if (Node?.Name !== undefined && Node.Name !== names.at(-1)) names.push(Node.Name)
    if (PingRequest) urls.push(PingRequest.URL)
  }
  expect(names).toEqual(['a.towpath.internal.', 'z.towpath.internal.'])
  expect(urls).toEqual(Array.from({ length: asked }, (_, i) => `https://unused/c2n/${i}`))
  expect(streams.counts().blocked).toBe(0)
})

describe('a stream', () => {
  test('is for the node’s own machine: unknown and not yours are one', async () => {
    const [a, b] = [await join('a'), await join('b')]
    for (const nodeKey of [b.nodeKey, key('nodekey')]) {
      const { status, text } = await a.client.request('/machine/map', request({ nodeKey }, { Stream: true }))
      expect([status, text]).toEqual([404, 'unknown node'])
    }
    expect((await a.client.request('/machine/map', request(a, { Version: 100, Stream: true }))).status).toBe(400)
    expect((await a.client.request('/machine/map', { ...request(a), NodeKey: '' })).status).toBe(400)
    expect((await a.client.request('/machine/map', Buffer.from('{'))).status).toBe(400)
    expect((await a.client.request('/machine/map', Buffer.alloc(300_000, 32))).status).toBe(413)
  })

  test('is replaced by a newer one, and not too often', async () => {
    const a = await join('a')
    const one = await stream(a)
    await one.next()
    const early = await a.client.request('/machine/map', request(a, { Stream: true }))
    expect([early.status, early.headers['retry-after']]).toEqual([429, '1'])
    ctx.time.now += 1000
    const two = await stream(a)
    await two.next()
    await one.ended()
    expect([streams.online(a.id), streams.counts().streams]).toEqual([true, 1])
  })

  test('carries a question, and says when there is none to carry it', async () => {
    const a = await join('a')
    expect(streams.tell(a.id, { PingRequest: { URL: 'https://unused/c2n/1' } })).toBe(false)
    const one = await stream(a)
    await one.next()
    expect(streams.tell(a.id, { PingRequest: { URL: 'https://unused/c2n/1', Types: 'c2n' } })).toBe(true)
    expect(await one.until(({ PingRequest }) => PingRequest !== undefined)).toMatchObject({ KeepAlive: true, ControlTime: expect.any(String), PingRequest: { Types: 'c2n' } })
  })

  test('of a removed node ends with a goodbye; then it is unknown', async () => {
    const [a, b] = [await join('a'), await join('b')]
    const one = await stream(a)
    await stream(b)
    await one.until(({ PeersChanged }) => PeersChanged !== undefined)
    await removeMachine(ctx, ann, { id: a.id })
    const bye = await one.until(({ Node }) => Node?.KeyExpiry !== undefined)
    expect(bye).toMatchObject({ PeersRemoved: [b.id], PacketFilters: { '*': null } })
    await one.ended()
    expect((await a.client.request('/machine/map', request(a, { Stream: true }))).status).toBe(404)
  })

  test('of a removed node does not begin again, though the network has not heard of the removal yet', async () => {
    const a = await join('a')
    const one = await stream(a)
    streams.remove(a.id)
    await one.ended()
    expect(ctx.network.node(a.id)).toBeDefined()
    expect((await a.client.request('/machine/map', request(a, { Stream: true }))).status).toBe(404)
    expect((await a.client.request('/machine/map', request(a, { OmitPeers: true }))).status).toBe(404)
  })

  test('is the node’s presence; its end is told after a while', async () => {
    const a = await join('a')
    const one = await stream(a)
    await one.next()
    expect(ctx.network.isOnline(a.id)).toBe(true)
    one.cancel()
    await expect.poll(() => streams.online(a.id)).toBe(false)
    expect(ctx.network.isOnline(a.id)).toBe(true)
    ctx.time.now += 10_000
    await expect.poll(() => ctx.network.isOnline(a.id), { timeout: 5000 }).toBe(false)
  })

  test('in one shot is a whole map', async () => {
    const a = await join('a')
    const body = await a.client.stream('/machine/map', request(a))
    const messages: MapResponse[] = []
    for await (const message of mapMessages(body)) messages.push(message)
    expect(messages).toMatchObject([{ Node: { ID: a.id }, Peers: [] }])
  })
})
