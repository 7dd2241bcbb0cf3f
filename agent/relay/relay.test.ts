import { expect, test } from 'vitest'
import type { AddrPort } from '../../lib/addr-port.ts'
import { address, createTestClient, dataPacket, endpointOf, seededBytes, type TestClient } from '../../tests/simulation/client.ts'
import type { RelayEndpoint } from '../../protocol/disco/index.ts'
import { createRelay, defaultLimits, parseSaved, type ClientLimits, type Relay, type RelayCommand, type RelayConfig } from './index.ts'

const start = 1_700_000_000_000
const random = seededBytes(42)
const alice = createTestClient(1, 'alice', random)
const bob = createTestClient(2, 'bob', random)
const carol = createTestClient(3, 'carol', random)
const dave = createTestClient(4, 'dave', random)
const stranger = createTestClient(9, 'stranger', random)
const advertised = { ip: '198.51.100.4', port: 40_000 }

function config(changes: Partial<RelayConfig> = {}): RelayConfig {
  return {
    enabled: true, nodes: [alice.node, bob.node, carol.node], mayAllocate: [1], addresses: [advertised], limits: defaultLimits, ...changes,
  }
}

function relayWith(changes: Partial<RelayConfig> = {}): Relay {
  return createRelay({ randomBytes: seededBytes(7), config: config(changes), now: start })
}

function commands(relay: Relay): RelayCommand[] {
  const all: RelayCommand[] = []
  for (let command = relay.nextCommand(); command; command = relay.nextCommand()) all.push(command)
  return all
}

function types(relay: Relay): string[] {
  return commands(relay).map((command) => command.type)
}

/** The endpoint that `from` is given for the pair; undefined when the relay does not answer. */
function allocate(relay: Relay, from: TestClient, other: TestClient, now = start): RelayEndpoint | undefined {
  relay.handleDerpPacket(from.nodeKey, from.request(relay.nodeDiscoKey, other), now)
  const sent = commands(relay).find((command) => command.type === 'sendDerp')
  if (sent?.type !== 'sendDerp') return undefined
  expect(sent.to).toBe(from.nodeKey)
  const endpoint = endpointOf(from, sent.bytes)
  if (!endpoint.ok) throw new Error(endpoint.reason)
  return endpoint.value
}

function mustAllocate(relay: Relay, from: TestClient, other: TestClient, now = start): RelayEndpoint {
  const endpoint = allocate(relay, from, other, now)
  if (!endpoint) throw new Error(`refused: ${JSON.stringify(relay.refusals().at(-1))}`)
  return endpoint
}

function challengeFor(relay: Relay, endpoint: RelayEndpoint, client: TestClient, other: TestClient, at: AddrPort, now = start, generation = 1): Uint8Array {
  relay.handleDatagram(at, client.bind(endpoint, other, generation), now)
  const sent = relay.nextCommand()
  if (sent?.type !== 'sendControl') throw new Error('no challenge')
  expect(sent.to).toEqual(at)
  return sent.bytes
}

function bindLeg(relay: Relay, endpoint: RelayEndpoint, client: TestClient, other: TestClient, at: AddrPort, now = start): RelayCommand[] {
  relay.handleDatagram(at, client.answer(endpoint, challengeFor(relay, endpoint, client, other, at, now)), now)
  return commands(relay)
}

function open(relay: Relay, now = start): RelayEndpoint {
  const endpoint = mustAllocate(relay, alice, bob, now)
  bindLeg(relay, endpoint, alice, bob, address(1), now)
  bindLeg(relay, endpoint, bob, alice, address(2), now)
  return endpoint
}

test('a pair allocates, binds and is forwarded both ways', () => {
  const relay = relayWith()
  const endpoint = mustAllocate(relay, alice, bob)
  expect(endpoint).toMatchObject({ vni: 1, lamportId: 1n, addrPorts: [advertised], bindLifetimeNs: 30_000_000_000n, steadyStateLifetimeNs: 300_000_000_000n })
  expect(bindLeg(relay, endpoint, alice, bob, address(1)).map((c) => c.type)).toEqual(['bindForward'])
  expect(relay.handleDatagram(address(1), dataPacket(1, new Uint8Array(4)), start)).toBeUndefined()
  expect(bindLeg(relay, endpoint, bob, alice, address(2)).map((c) => c.type)).toEqual(['bindForward', 'sessionOpened'])
  expect(relay.handleDatagram(address(1), dataPacket(1, new Uint8Array(4)), start)).toEqual(address(2))
  expect(relay.handleDatagram(address(2), dataPacket(1, new Uint8Array(4)), start)).toEqual(address(1))
  expect(relay.handleDatagram(address(3), dataPacket(1, new Uint8Array(4)), start)).toBeUndefined()
  expect(relay.counters()).toMatchObject({ 'not-open': 1, 'wrong-source': 1 })
  const names = relay.sessions()[0]?.clients.map((client) => client.name).sort()
  expect(names).toEqual(['alice', 'bob'])
})

test('the pair gets the same endpoint again, whoever of the granted asks', () => {
  const relay = relayWith({ mayAllocate: [1, 2] })
  expect(mustAllocate(relay, bob, alice)).toEqual(mustAllocate(relay, alice, bob))
  expect(relay.endpoints).toBe(1)
})

test.each<[reason: string, changes: Partial<RelayConfig>, from: TestClient, other: TestClient]>([
  ['allocate-off', { enabled: false }, alice, bob],
  ['allocate-unknown-source', {}, stranger, bob],
  ['allocate-expired-source', { nodes: [{ ...alice.node, keyExpiry: start }, bob.node] }, alice, bob],
  ['allocate-wrong-disco-key', { nodes: [{ ...alice.node, discoKey: carol.node.discoKey }, bob.node] }, alice, bob],
  ['allocate-unknown-peer', {}, alice, stranger],
  ['allocate-expired-peer', { nodes: [alice.node, { ...bob.node, keyExpiry: start - 1 }] }, alice, bob],
  ['allocate-not-granted', {}, bob, alice],
  ['allocate-no-address', { addresses: [] }, alice, bob],
  ['allocate-limit', { limits: { ...defaultLimits, maxEndpoints: 0 } }, alice, bob],
  ['allocate-not-a-party', {}, alice, alice],
])('%s: no answer, a counter and a refusal to explain', (reason, changes, from, other) => {
  const relay = relayWith(changes)
  expect(allocate(relay, from, other)).toBeUndefined()
  expect(relay.counters()).toMatchObject({ [reason]: 1 })
  expect(relay.refusals()).toMatchObject([{ at: start, reason, source: from.nodeKey }])
})

test('a request for two others, for the relay itself, unreadable or of another kind is refused', () => {
  const relay = relayWith()
  const nodeDisco = alice.request(relay.nodeDiscoKey, bob)
  const { serverDisco } = mustAllocate(relay, alice, bob)
  const seal = (message: Parameters<TestClient['seal']>[1]): Uint8Array => alice.seal(keyOf(relay), message)
  relay.handleDerpPacket(alice.nodeKey, seal({ type: 'allocate-request', clientDisco: [bob.disco.publicKey, carol.disco.publicKey], generation: 1 }), start)
  relay.handleDerpPacket(alice.nodeKey, seal({ type: 'allocate-request', clientDisco: [alice.disco.publicKey, serverDisco], generation: 1 }), start)
  relay.handleDerpPacket(alice.nodeKey, seal({ type: 'call-me-maybe', addrPorts: [] }), start)
  relay.handleDerpPacket(alice.nodeKey, nodeDisco.subarray(0, 70), start)
  relay.handleDerpPacket(alice.nodeKey, Uint8Array.of(1), start)
  expect(commands(relay)).toEqual([])
  expect(relay.refusals().map(({ reason }) => reason)).toEqual([
    'allocate-not-a-party', 'allocate-server-key', 'allocate-unexpected-message', 'allocate-not-opened', 'allocate-not-disco',
  ])
})

function keyOf(relay: Relay): Uint8Array {
  return Uint8Array.from(Buffer.from(relay.nodeDiscoKey.slice('discokey:'.length), 'hex'))
}

test('handshake messages that do not match are dropped, each with its reason', () => {
  const relay = relayWith()
  const endpoint = mustAllocate(relay, alice, bob)
  const fields = { vni: endpoint.vni, generation: 1, remoteDisco: bob.disco.publicKey, challenge: new Uint8Array(32) }
  const drops: [string, Uint8Array][] = [
    ['unknown-vni', alice.handshake(endpoint, { type: 'bind', ...fields }, 77)],
    ['unknown-sender', stranger.bind(endpoint, bob, 1)],
    ['not-opened', alice.handshake({ ...endpoint, serverDisco: carol.disco.publicKey }, { type: 'bind', ...fields })],
    ['unexpected-message', alice.handshake(endpoint, { type: 'call-me-maybe', addrPorts: [] })],
    ['vni-mismatch', alice.handshake(endpoint, { type: 'bind', ...fields, vni: 2 })],
    ['wrong-remote', alice.handshake(endpoint, { type: 'bind', ...fields, remoteDisco: carol.disco.publicKey })],
    ['zero-generation', alice.handshake(endpoint, { type: 'bind', ...fields, generation: 0 })],
    ['wrong-generation', alice.handshake(endpoint, { type: 'bind-answer', ...fields })],
    ['not-disco', alice.bind(endpoint, bob, 1).subarray(0, 60)],
  ]
  for (const [reason, packet] of drops) {
    relay.handleDatagram(address(1), packet, start)
    expect(commands(relay)).toEqual([])
    expect(relay.counters()).toMatchObject({ [reason]: 1 })
  }
  const challenge = challengeFor(relay, endpoint, alice, bob, address(1))
  relay.handleDatagram(address(5), alice.answer(endpoint, challenge), start)
  expect(relay.counters()).toMatchObject({ 'bad-mac': 1 })
  expect(commands(relay)).toEqual([])
})

test('a challenge is accepted over one rotation of the secrets, not over two', () => {
  const relay = relayWith()
  const answered = (wait: number): string[] => {
    const endpoint = mustAllocate(relay, alice, bob, now)
    const answer = alice.answer(endpoint, challengeFor(relay, endpoint, alice, bob, address(1), now))
    now += wait
    relay.handleActivity([{ vni: endpoint.vni, packets: [now, now] }], now)
    relay.handleTimeout(now)
    relay.handleDatagram(address(1), answer, now)
    return types(relay)
  }
  let now = start + 119_000
  expect(answered(2_000)).toEqual(['bindForward'])
  bindLeg(relay, mustAllocate(relay, alice, bob, now), bob, alice, address(2), now)
  expect(answered(120_000)).toEqual(['bindForward'])
  expect(answered(240_000)).toEqual([])
  expect(relay.counters()).toMatchObject({ 'bad-mac': 1 })
})

test('a client that roams keeps its old address until a whole handshake from the new one', () => {
  const relay = relayWith()
  const endpoint = open(relay)
  const challenge = challengeFor(relay, endpoint, alice, bob, address(8), start, 2)
  expect(relay.handleDatagram(address(2), dataPacket(1, new Uint8Array(1)), start)).toEqual(address(1))
  relay.handleDatagram(address(8), alice.answer(endpoint, challenge), start)
  expect(types(relay)).toEqual(['bindForward'])
  expect(relay.handleDatagram(address(2), dataPacket(1, new Uint8Array(1)), start)).toEqual(address(8))
  expect(relay.handleDatagram(address(1), dataPacket(1, new Uint8Array(1)), start)).toBeUndefined()
})

test('an endpoint not bound within 30 s is gone, its VNI is not given out again at once', () => {
  const relay = relayWith()
  mustAllocate(relay, alice, bob)
  relay.handleTimeout(start + 29_000)
  expect(relay.endpoints).toBe(1)
  relay.handleTimeout(start + 40_000)
  expect(relay.endpoints).toBe(0)
  expect(commands(relay)).toEqual([])
  expect(mustAllocate(relay, alice, bob, start + 40_000)).toMatchObject({ vni: 2, lamportId: 2n })
})

test('an open session lives by the traffic of both legs, and ends when one is quiet for 5 minutes', () => {
  const relay = relayWith()
  open(relay)
  let now = start
  for (let i = 1; i <= 20; i++) {
    now += 60_000
    relay.handleActivity([{ vni: 1, packets: [i, i] }], now)
    relay.handleTimeout(now)
  }
  expect(commands(relay)).toEqual([])
  for (let i = 21; i <= 25; i++) {
    now += 60_000
    relay.handleActivity([{ vni: 1, packets: [i, 20] }], now)
    relay.handleTimeout(now)
  }
  expect(types(relay)).toEqual(['unbindForward', 'sessionEnded'])
  relay.handleDatagram(address(1), dataPacket(1, new Uint8Array(1)), now)
  expect(relay.counters()).toMatchObject({ 'ended-idle': 1 })
})

test('a session stands while one of its two nodes is granted, and ends at once with the cause when none is', () => {
  const relay = relayWith({ mayAllocate: [1] })
  open(relay)
  relay.reconfigure(config({ mayAllocate: [2] }), 'alice lost the grant', start)
  expect(commands(relay)).toEqual([])
  relay.reconfigure(config({ mayAllocate: [3] }), 'bob lost the grant', start + 5)
  const [unbind, ended] = commands(relay)
  expect(unbind).toEqual({ type: 'unbindForward', vni: 1, gentle: false })
  expect(ended).toMatchObject({ type: 'sessionEnded', reason: 'bob lost the grant', at: start + 5, session: { key: '1-1', vni: 1 } })
  relay.handleDatagram(address(1), dataPacket(1, new Uint8Array(1)), start)
  expect(relay.counters()).toMatchObject({ 'ended-revoked': 1 })
})

test('a removed node and an expired key end their sessions, the latter when its time comes', () => {
  const removed = relayWith()
  open(removed)
  removed.reconfigure(config({ nodes: [alice.node] }), 'bob was removed', start)
  expect(commands(removed).at(-1)).toMatchObject({ type: 'sessionEnded', reason: 'bob was removed' })

  const expiring = relayWith({ nodes: [alice.node, { ...bob.node, keyExpiry: start + 3_000 }] })
  open(expiring)
  expect(expiring.pollTimeout()).toBe(start + 3_000)
  expiring.handleTimeout(start + 3_000)
  expect(commands(expiring).at(-1)).toMatchObject({ type: 'sessionEnded', reason: 'The key of bob has expired' })
})

test('turned off: probes and binds are dropped, data passes for 12 s, then the session ends', () => {
  const relay = relayWith()
  const endpoint = open(relay)
  relay.reconfigure(config({ enabled: false }), 'Relay turned off', start)
  expect(commands(relay)).toEqual([{ type: 'unbindForward', vni: 1, gentle: true }])
  expect(relay.state).toBe('draining')
  const probe = alice.probe(endpoint, bob, { type: 'ping', txId: new Uint8Array(12), padding: 0 })
  expect(relay.handleDatagram(address(1), probe, start)).toBeUndefined()
  relay.handleDatagram(address(1), alice.bind(endpoint, bob, 5), start)
  expect(commands(relay)).toEqual([])
  expect(relay.counters()).toMatchObject({ draining: 2 })
  expect(relay.handleDatagram(address(1), dataPacket(1, new Uint8Array(1)), start + 11_000)).toEqual(address(2))
  expect(relay.pollTimeout()).toBeLessThanOrEqual(start + 12_000)
  relay.handleTimeout(start + 12_000)
  expect(commands(relay)).toMatchObject([{ type: 'unbindForward', gentle: false }, { type: 'sessionEnded', reason: 'Relay turned off', at: start + 12_000 }])
  expect(relay.state).toBe('off')
  relay.handleDatagram(address(1), dataPacket(1, new Uint8Array(1)), start + 12_000)
  expect(relay.counters()).toMatchObject({ 'ended-drained': 1 })
})

test('turned on again while draining: the pair gets a new endpoint, the old one drains to its end', () => {
  const relay = relayWith()
  open(relay)
  relay.reconfigure(config({ enabled: false }), 'Relay turned off', start)
  relay.reconfigure(config(), 'Relay turned on', start + 1_000)
  expect(types(relay)).toEqual(['unbindForward'])
  expect(mustAllocate(relay, alice, bob, start + 1_000)).toMatchObject({ vni: 2, lamportId: 2n })
  relay.handleTimeout(start + 12_000)
  expect(types(relay)).toEqual(['unbindForward', 'sessionEnded'])
  expect(relay.endpoints).toBe(1)
})

test('a session that drains still ends at once when it is revoked', () => {
  const relay = relayWith()
  open(relay)
  relay.drain('Port changed', start)
  commands(relay)
  relay.reconfigure(config({ mayAllocate: [] }), 'grant removed', start + 1)
  expect(commands(relay)).toMatchObject([{ type: 'unbindForward', gentle: false }, { type: 'sessionEnded', reason: 'grant removed' }])
  relay.handleTimeout(start + 12_000)
  expect(commands(relay)).toEqual([])
})

test('handshakes of one source are limited per second; another source is not held back', () => {
  const relay = relayWith({ limits: { ...defaultLimits, handshakesPerSourcePerSecond: 3 } })
  const endpoint = mustAllocate(relay, alice, bob)
  for (let i = 0; i < 5; i++) relay.handleDatagram({ ip: '203.0.113.1', port: i + 1 }, alice.bind(endpoint, bob, 1), start)
  expect(types(relay)).toHaveLength(3)
  expect(relay.counters()).toMatchObject({ 'handshake-rate': 2 })
  relay.handleDatagram({ ip: '203.0.113.2', port: 1 }, alice.bind(endpoint, bob, 1), start)
  relay.handleDatagram({ ip: '203.0.113.1', port: 1 }, alice.bind(endpoint, bob, 1), start + 1_000)
  expect(types(relay)).toHaveLength(2)
})

test('the limit of endpoints refuses new pairs, not known ones', () => {
  const relay = relayWith({ limits: { ...defaultLimits, maxEndpoints: 1 } })
  mustAllocate(relay, alice, bob)
  expect(allocate(relay, alice, carol)).toBeUndefined()
  expect(allocate(relay, alice, bob)).toBeDefined()
  expect(relay.counters()).toMatchObject({ 'allocate-limit': 1 })
})

test('a client has as many endpoints as its grant allows; pairs that it has are answered again, and what others ask for is theirs', () => {
  const limits = { nodes: [alice.node, bob.node, carol.node, dave.node], mayAllocate: [1, 2], clientLimits: new Map([[1, { maxSessions: 2 }]]) }
  const relay = relayWith(limits)
  mustAllocate(relay, bob, alice)
  mustAllocate(relay, alice, carol)
  mustAllocate(relay, alice, bob)
  const endpoint = mustAllocate(relay, alice, dave)
  mustAllocate(relay, alice, carol)
  expect(relay.endpoints).toBe(3)
  relay.reconfigure(config({ ...limits, clientLimits: new Map([[1, { maxSessions: 1 }]]) }), 'limit lowered', start)
  expect(mustAllocate(relay, alice, dave)).toEqual(endpoint)
  expect(relay.endpoints).toBe(3)
})

test('beyond its sessions a client gets no answer, and again one when one of them is over; a restart counts the same', () => {
  const limits = { clientLimits: new Map([[1, { maxSessions: 1 }]]) }
  const before = relayWith(limits)
  mustAllocate(before, alice, bob)
  const saved = parseSaved(JSON.parse(JSON.stringify(before.saved())))
  if (!saved.ok) throw new Error(saved.reason)
  const relay = createRelay({ randomBytes: seededBytes(8), config: config(limits), saved: saved.value, now: start })
  expect(allocate(relay, alice, carol)).toBeUndefined()
  expect(relay.counters()).toMatchObject({ 'allocate-session-limit': 1 })
  expect(relay.refusals()).toMatchObject([{ reason: 'allocate-session-limit', source: alice.nodeKey }])
  relay.handleTimeout(start + 40_000)
  mustAllocate(relay, alice, carol, start + 40_000)
})

test('a session that drains is not counted', () => {
  const relay = relayWith({ clientLimits: new Map([[1, { maxSessions: 1 }]]) })
  open(relay)
  relay.drain('Port changed', start)
  expect(allocate(relay, alice, carol)).toBeDefined()
})

function limitsTold(all: readonly RelayCommand[]) {
  return all.flatMap((command) => (command.type === 'limitForward' ? [[command.vni, command.leg, command.limits] as const] : []))
}
const [legOfAlice, legOfBob] = alice.node.discoKey < bob.node.discoKey ? [0, 1] : [1, 0]
const mbit = (bucket: string, rate: number) => ({ bucket, bytesPerSecond: rate * 125_000, packetsPerSecond: rate * 625 })

test('a grant’s rate is told with the first bind: what its client sends, and what it is sent; once', () => {
  const relay = relayWith({ clientLimits: new Map([[1, { maxRate: 8_000_000 }]]) })
  const endpoint = mustAllocate(relay, alice, bob)
  const told = limitsTold(bindLeg(relay, endpoint, alice, bob, address(1)))
  expect(told).toHaveLength(2)
  expect(told).toContainEqual([1, legOfAlice, { client: mbit('client from 1', 8), session: undefined }])
  expect(told).toContainEqual([1, legOfBob, { client: mbit('client to 1', 8), session: undefined }])
  expect(limitsTold(bindLeg(relay, endpoint, bob, alice, address(2)))).toEqual([])
})

test.each<[string, ClientLimits, ClientLimits, string | undefined, string | undefined]>([
  ['the higher of two rates', { maxRate: 1_000_000 }, { maxRate: 2_000_000 }, 'client to 2', 'client from 2'],
  ['each its own of two alike', { maxRate: 1_000_000 }, { maxRate: 1_000_000 }, 'client from 1', 'client from 2'],
  ['none where one has none', { maxRate: 1_000_000 }, {}, undefined, undefined],
])('where both ends have a grant: %s', (_, first, second, ofAlice, ofBob) => {
  const relay = relayWith({ mayAllocate: [1, 2], clientLimits: new Map([[1, first], [2, second]]) })
  const told = limitsTold(bindLeg(relay, mustAllocate(relay, alice, bob), alice, bob, address(1)))
  const bucketOf = (leg: number) => told.find(([, one]) => one === leg)?.[2].client?.bucket
  expect([bucketOf(legOfAlice), bucketOf(legOfBob)]).toEqual([ofAlice, ofBob])
})

test('another rate is told to running sessions, the same one is not; none takes it away', () => {
  const relay = relayWith()
  open(relay)
  const limited = (rate: number) => config({ clientLimits: new Map([[1, { maxRate: rate }]]), sessionRate: 16_000_000 })
  relay.reconfigure(limited(8_000_000), 'rate', start)
  const told = limitsTold(commands(relay))
  expect(told).toHaveLength(2)
  expect(told).toContainEqual([1, legOfAlice, { client: mbit('client from 1', 8), session: mbit(`session 1 ${legOfAlice}`, 16) }])
  relay.reconfigure(limited(8_000_000), 'nothing', start)
  expect(commands(relay)).toEqual([])
  relay.reconfigure(limited(4_000_000), 'less', start)
  expect(limitsTold(commands(relay)).map(([, , { client }]) => client?.bytesPerSecond)).toEqual([500_000, 500_000])
  relay.reconfigure(config(), 'none', start)
  expect(limitsTold(commands(relay)).map(([, , limits]) => limits)).toEqual([{}, {}])
})

test('a restart tells the limits of what it restores, behind its binds', () => {
  const before = relayWith()
  open(before)
  const again = createRelay({ randomBytes: random, config: config({ sessionRate: 8_000_000 }), saved: before.saved(), now: start })
  expect(types(again)).toEqual(['bindForward', 'bindForward', 'limitForward', 'limitForward'])
})

const sixth: AddrPort = { ip: '2001:db8::4', port: 40_000 }

test('a pair of one family is given addresses of it alone, and binds from no other', () => {
  const relay = relayWith({ addresses: [sixth, advertised], clientLimits: new Map([[1, { family: 'ipv6' as const }]]) })
  const endpoint = mustAllocate(relay, alice, bob)
  expect(endpoint.addrPorts).toEqual([sixth])
  for (const [from, to] of [[alice, bob], [bob, alice]] as const) relay.handleDatagram(address(1), from.bind(endpoint, to, 1), start)
  expect(commands(relay)).toEqual([])
  expect(relay.counters()).toMatchObject({ 'wrong-family': 2 })
  expect(bindLeg(relay, endpoint, alice, bob, { ip: '2001:db8::7', port: 9 }).map(({ type }) => type)).toEqual(['bindForward'])
})

test('a relay without an address of the family does not answer', () => {
  const relay = relayWith({ clientLimits: new Map([[1, { family: 'ipv6' as const }]]) })
  expect(allocate(relay, alice, bob)).toBeUndefined()
  expect(relay.counters()).toMatchObject({ 'allocate-no-family-address': 1 })
})

test.each<[string, ClientLimits]>([
  ['that has no limit', {}],
  ['of the other family', { family: 'ipv4' }],
])('a pair has both families where its other end has a grant %s', (_, others) => {
  const relay = relayWith({ addresses: [sixth, advertised], mayAllocate: [1, 2], clientLimits: new Map<number, ClientLimits>([[1, { family: 'ipv6' }], [2, others]]) })
  expect(mustAllocate(relay, alice, bob).addrPorts).toEqual([sixth, advertised])
})

test('a family that comes later cuts no session', () => {
  const relay = relayWith()
  open(relay)
  relay.reconfigure(config({ clientLimits: new Map([[1, { family: 'ipv6' as const, maxSessions: 1 }]]) }), 'family limited', start)
  expect(commands(relay)).toEqual([])
  expect(relay.handleDatagram(address(1), dataPacket(1, new Uint8Array(4)), start)).toEqual(address(2))
})

test('a restart is not noticed: keys, secrets and bound addresses go on', () => {
  const before = relayWith()
  const endpoint = open(before)
  const text = JSON.stringify(before.saved())
  const saved = parseSaved(JSON.parse(text))
  if (!saved.ok) throw new Error(saved.reason)
  const later = start + 3_600_000
  const relay = createRelay({ randomBytes: seededBytes(8), config: config(), saved: saved.value, now: later })
  expect(relay.nodeDiscoKey).toBe(before.nodeDiscoKey)
  expect(commands(relay).map((c) => c.type === 'bindForward' && c.addr)).toEqual(
    before.sessions()[0]?.bound,
  )
  expect(relay.sessions()).toEqual(before.sessions())
  expect(relay.handleDatagram(address(1), dataPacket(1, new Uint8Array(1)), later)).toEqual(address(2))
  expect(mustAllocate(relay, alice, bob, later)).toEqual(endpoint)
  relay.handleTimeout(later + 60_000)
  expect(relay.endpoints).toBe(1)
  const next = mustAllocate(relay, alice, carol, later)
  expect(next.vni).toBe(2)
  expect(next.lamportId).toBeGreaterThan(endpoint.lamportId)
})

test('a restart in the middle of a drain ends it in its time; one after a revocation ends the session', () => {
  const draining = relayWith()
  open(draining)
  draining.drain('Shutting down', start)
  const again = createRelay({ randomBytes: random, config: config(), saved: draining.saved(), now: start + 5_000 })
  expect(types(again)).toEqual(['bindForward', 'bindForward', 'unbindForward'])
  again.handleTimeout(start + 12_000)
  expect(commands(again).at(-1)).toMatchObject({ type: 'sessionEnded', reason: 'Shutting down' })

  const running = relayWith()
  open(running)
  const revoked = createRelay({ randomBytes: random, config: config({ mayAllocate: [] }), saved: running.saved(), now: start })
  expect(types(revoked)).toEqual(['bindForward', 'bindForward', 'unbindForward', 'sessionEnded'])
})

test('a damaged state is refused with a reason', () => {
  for (const damaged of [undefined, {}, { ...relayWith().saved(), macSecrets: [] }, { ...relayWith().saved(), nextVni: 0 }]) {
    expect(parseSaved(damaged)).toEqual({ ok: false, reason: 'bad-saved-state' })
  }
})

test('the revision grows with what a restart needs, and rests otherwise', () => {
  const relay = relayWith()
  const first = relay.revision
  mustAllocate(relay, alice, bob)
  expect(relay.revision).toBeGreaterThan(first)
  const second = relay.revision
  mustAllocate(relay, alice, bob)
  relay.handleDatagram(address(1), dataPacket(1, new Uint8Array(1)), start)
  expect(relay.revision).toBe(second)
})
