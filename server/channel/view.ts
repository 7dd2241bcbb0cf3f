import { createHash } from 'node:crypto'
import type { NetNode, NodeView } from '../../netmap/index.ts'
import type { ChannelPeer, ChannelView, RelayConfig } from '../../protocol/channel/index.ts'

function peer(node: NetNode): ChannelPeer {
  const { id, stableId, name, kind, nodeKey, discoKey, addresses, endpoints, homeDerp, capVersion, tags, online, keyExpiry } = node
  return {
    id, stableId, name, kind, nodeKey, discoKey, addresses: [...addresses], endpoints: [...endpoints], homeDerp, capVersion, tags: [...tags], online,
    ...(keyExpiry === undefined ? {} : { keyExpiry }),
  }
}

/** A node's view as its channel carries it. `relay`: what is wanted of it; undefined where it is none. */
export function channelView(view: NodeView, relay: RelayConfig | undefined): ChannelView {
  return {
    // What a node is told of itself does not depend on whether it is connected: it is, when it reads this.
    self: { ...peer(view.self), online: true },
    peers: view.peers.map(peer),
    relays: [...view.relays],
    serves: [...view.serves],
    sessionPeers: view.sessionPeers.map(({ id, name, nodeKey, discoKey, keyExpiry }) => ({
      id, name, nodeKey, discoKey, ...(keyExpiry === undefined ? {} : { keyExpiry }),
    })),
    derp: view.derpRegions.map((region) => ({ ...region, pins: [...region.pins] })),
    ...(relay === undefined ? {} : { relay }),
  }
}

/** Equal views have equal digests: both are written in one order. */
export function viewDigest(json: string): string {
  return createHash('sha256').update(json).digest('base64url')
}
