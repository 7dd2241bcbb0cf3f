import type { DisplayMessage, FilterRuleWire, MapResponse, PeerChange, UserProfile, WireNode } from '../../protocol/tailcfg/index.ts'

/** For tests: a stream's state as a client keeps it, written from spec/coordination.md §3.5. */
export class ModelClient {
  node: WireNode | undefined
  readonly peers = new Map<number, WireNode>()
  readonly filters = new Map<string, readonly FilterRuleWire[]>()
  readonly profiles = new Map<number, UserProfile>()
  readonly messages = new Map<string, DisplayMessage>()
  derpMap: MapResponse['DERPMap']
  dns: MapResponse['DNSConfig']
  domain = ''

  apply(message: MapResponse): void {
    if (message.KeepAlive === true) return
    if (this.node === undefined && message.Node === undefined) throw new Error('initial MapResponse lacked node')
    this.node = message.Node ?? this.node
    this.derpMap = message.DERPMap ?? this.derpMap
    this.dns = message.DNSConfig ?? this.dns
    this.domain = message.Domain || this.domain
    for (const profile of message.UserProfiles ?? []) this.profiles.set(profile.ID, profile)
    this.#applyFilters(message.PacketFilters ?? {})
    const messages = message.DisplayMessages ?? {}
    if ('*' in messages) this.messages.clear()
    for (const [id, shown] of Object.entries(messages)) {
      if (shown === null) this.messages.delete(id)
      else this.messages.set(id, shown)
    }
    this.#applyPeers(message)
    for (const peer of this.peers.values()) if (!this.profiles.has(peer.User)) throw new Error(`nobody said who ${peer.User} is`)
  }

  #applyFilters(filters: NonNullable<MapResponse['PacketFilters']>): void {
    if ('*' in filters) this.filters.clear()
    for (const [name, rules] of Object.entries(filters)) {
      if (name === '*') continue
      if (rules === null) this.filters.delete(name)
      else this.filters.set(name, rules)
    }
  }

  #applyPeers({ Peers, PeersChanged = [], PeersRemoved = [], PeersChangedPatch = [] }: MapResponse): void {
    if (Peers !== undefined && Peers.length > 0) {
      this.peers.clear()
      for (const peer of Peers) this.#put(peer)
      return
    }
    for (const id of PeersRemoved) this.peers.delete(id)
    for (const peer of PeersChanged) this.#put(peer)
    for (const change of PeersChangedPatch) {
      const known = this.peers.get(change.NodeID)
      if (known !== undefined) this.peers.set(known.ID, patched(known, change))
    }
  }

  #put(peer: WireNode): void {
    for (const [id, other] of this.peers) if (other.Key === peer.Key && id !== peer.ID) throw new Error(`${peer.Key} is two nodes’`)
    this.peers.set(peer.ID, peer)
  }

  /** What it comes to: lists in order, and without what says the same in another form. */
  get state(): unknown {
    return {
      node: this.node, derpMap: this.derpMap, dns: this.dns, domain: this.domain,
      peers: [...this.peers.values()].toSorted((a, b) => a.ID - b.ID).map(plain),
      filters: Object.fromEntries([...this.filters].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      messages: Object.fromEntries(this.messages),
    }
  }
}

/** Who is online was last seen now, whatever was said before; a zero time is none. */
function plain({ LastSeen, Endpoints = [], KeyExpiry, ...peer }: WireNode): object {
  return {
    ...peer, Endpoints,
    ...(peer.Online !== true && LastSeen !== undefined && { LastSeen }),
    ...(KeyExpiry !== undefined && !KeyExpiry.startsWith('0001') && { KeyExpiry }),
  }
}

function patched(known: WireNode, change: PeerChange): WireNode {
  const { DERPRegion, Cap, Endpoints, Key, DiscoKey, Online, LastSeen, KeyExpiry } = change
  if (DiscoKey !== undefined && DiscoKey !== known.DiscoKey && Online === false && (LastSeen ?? '') <= (known.LastSeen ?? '')) return known
  return {
    ...known, Key: Key ?? known.Key,
    ...(DERPRegion !== undefined && { HomeDERP: DERPRegion }), ...(Cap !== undefined && { Cap }), ...(Endpoints && { Endpoints }), ...(DiscoKey !== undefined && { DiscoKey }),
    ...(Online !== undefined && { Online }), ...(LastSeen !== undefined && { LastSeen }), ...(KeyExpiry !== undefined && { KeyExpiry }),
  }
}
