import { createHash } from 'node:crypto'
import { type ClientLimits, type DerpRegion, type NetNode, type NodeView, toldAddresses } from '../../netmap/index.ts'
import type { ChannelPeer, ChannelView, DerpRegion as ChannelDerp, RelayConfig } from '../../protocol/channel/index.ts'

function peer(node: NetNode): ChannelPeer {
  const { id, stableId, name, kind, nodeKey, discoKey, endpoints, homeDerp, capVersion, tags, online, keyExpiry } = node
  return {
    id, stableId, name, kind, nodeKey, discoKey, addresses: toldAddresses(node), endpoints: [...endpoints], homeDerp, capVersion, tags: [...tags], online,
    ...(keyExpiry === undefined ? {} : { keyExpiry }),
  }
}

/** An agent is told of one server of each region: the first that forwards. */
function derp({ id, code, name, nodes }: DerpRegion): ChannelDerp[] {
  const node = nodes.find(({ stunOnly }) => stunOnly === undefined)
  return node === undefined ? [] : [{ id, code, name, host: node.host, derpPort: node.derpPort, stunPort: node.stunPort, pins: [...node.pins] }]
}

/** A node's view as its channel carries it. `relay`: what is wanted of it; undefined where it is none. `limits`: of those it serves. */
export function channelView(view: NodeView, relay: RelayConfig | undefined, limits: readonly ClientLimits[] = []): ChannelView {
  return {
    self: peer(view.self),
    peers: view.peers.map(peer),
    relays: [...view.relays],
    serves: [...view.serves],
    ...(limits.length === 0 ? {} : { limits: limits.map(({ clients, ...limit }) => ({ clients: [...clients], ...limit })) }),
    sessionPeers: view.sessionPeers.map(({ id, name, nodeKey, discoKey, keyExpiry }) => ({
      id, name, nodeKey, discoKey, ...(keyExpiry === undefined ? {} : { keyExpiry }),
    })),
    derp: view.derpRegions.flatMap(derp),
    ...(relay === undefined ? {} : { relay }),
    ...(view.self.authorized ? {} : { authorized: false }),
  }
}

/**
 * Of a view as it is sent: equal views have equal digests, as both are written in one order. Who is connected is left out, or each
 * agent that comes back after a restart would have all others sent their views again.
 */
export function viewDigest(json: string): string {
  return createHash('sha256').update(json.replaceAll('"online":false', '"online":true')).digest('base64url')
}
