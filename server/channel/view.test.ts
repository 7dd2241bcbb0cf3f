import { expect, test } from 'vitest'
import { defaultNames, type NetNode, type NodeView } from '../../netmap/index.ts'
import { plainFacts } from '../../netmap/testing.ts'
import { viewSchema } from '../../protocol/channel/index.ts'
import { channelView, viewDigest } from './view.ts'

const node = (id: number, more: Partial<NetNode> = {}): NetNode => ({
  id, name: `m${id}`, stableId: `n${id}`, kind: 'agent', nodeKey: `nodekey:${id}`, discoKey: `discokey:${id}`, addresses: ['100.64.0.1'],
  endpoints: [], homeDerp: 1, capVersion: 130, routes: [], facts: plainFacts(id), tags: [], owner: 'ann@example.com', authorized: true, online: true, relayUp: true, ...more,
})
const view = (peer: Partial<NetNode> = {}): NodeView => ({
  self: node(1), peers: [node(2, peer)], packetFilter: [], relays: [2], serves: [2],
  sessionPeers: [{ id: 2, name: 'm2', nodeKey: 'nodekey:2', discoKey: 'discokey:2', keyExpiry: 5 }],
  names: defaultNames,
  derpRegions: [
    { id: 900, code: 'home', name: 'Home', nodes: [{ name: '900a', host: 'h', derpPort: 3443, stunPort: 3478, pins: ['sha256-raw:00'] }] },
    { id: 901, code: 'far', name: 'Far', nodes: [
      { name: '901a', host: 's', ipv4: '192.0.2.1', derpPort: 443, stunPort: 3478, stunOnly: true, pins: [] },
      { name: '901b', host: 'f', ipv6: 'none', derpPort: 443, stunPort: 0, pins: [] },
    ] },
  ],
})
const relay = { advertised: true, port: 40_000, staticEndpoints: [], region: '', maxEndpoints: 10, handshakesPerSecond: 5 }
const digest = (peer: Partial<NetNode> = {}, wanted: typeof relay | undefined = relay): string => viewDigest(JSON.stringify(channelView(view(peer), wanted)))

test('a view on the channel says what its schema says, and nothing of what only the control plane knows', () => {
  const sent = channelView(view({ keyExpiry: 9 }), relay)
  expect(viewSchema.parse(sent)).toEqual(sent)
  expect(sent).toMatchObject({ peers: [{ id: 2, keyExpiry: 9 }], relays: [2], serves: [2], sessionPeers: [{ id: 2, keyExpiry: 5 }], derp: [{ id: 900, host: 'h', pins: ['sha256-raw:00'] }, { id: 901, host: 'f', stunPort: 0 }], relay })
  expect(JSON.stringify(sent)).not.toMatch(/owner|authorized|relayUp|packetFilter/)
  expect(channelView(view(), undefined)).not.toHaveProperty('relay')
  expect(channelView({ ...view(), self: node(1, { authorized: false }) }, relay)).toMatchObject({ authorized: false })
})

test('views differ by what a node acts on, not by who is connected', () => {
  expect(digest({ online: false })).toBe(digest())
  for (const changed of [digest({ name: 'x' }), digest({ endpoints: ['192.0.2.1:1'] }), digest({}, { ...relay, advertised: false })]) expect(changed).not.toBe(digest())
})

test('limits of those that a relay serves travel with its view, and there are none without them', () => {
  const limits = [{ clients: [2], maxSessions: 3, family: 'ipv4' as const, maxRate: 50_000_000 }]
  const sent = channelView(view(), relay, limits)
  expect(viewSchema.parse(sent)).toEqual(sent)
  expect(sent.limits).toEqual(limits)
  expect(channelView(view(), relay, [])).not.toHaveProperty('limits')
})
