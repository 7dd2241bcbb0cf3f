import { formatAddrPort, type AddrPort } from '../../lib/addr-port.ts'
import { concatBytes, equalBytes, toHex } from '../../lib/bytes.ts'
import type { Millis, RandomBytes } from '../../lib/clock.ts'
import { discoSender, looksLikeDisco, type DiscoMessage, type KeyPair, type RelayEndpoint } from '../../protocol/disco/index.ts'
import { classify, encodeGeneve, headerBytes, protocolWireGuard, readVni } from '../../protocol/geneve/index.ts'
import { formatKey, parseKey, type NodeKey } from '../../protocol/keys.ts'
import { PathMachine, type PathKind, type Route } from './path.ts'
import { RelayLeg, relayRoute, serverName, type LegSend } from './relay-leg.ts'
import { SealedDisco } from './sealed.ts'

/** The other end, or a relay, as the view tells of it; keys in text form. */
export interface KnownNode {
  readonly id: number
  readonly name: string
  readonly nodeKey: string
  readonly discoKey: string
  readonly endpoints: readonly string[]
}

export interface PeerMachineOptions {
  readonly nodeKey: Uint8Array
  readonly disco: KeyPair
  readonly random: RandomBytes
  /** Whether direct paths are tried; without, only relays and DERP. */
  readonly direct: boolean
}

export type PeerCommand =
  | { readonly type: 'derp'; readonly to: NodeKey; readonly bytes: Uint8Array }
  | { readonly type: 'udp'; readonly to: AddrPort; readonly bytes: Uint8Array }
  /** A WireGuard packet from the other end. */
  | { readonly type: 'data'; readonly bytes: Uint8Array; readonly path: PathKind }

export interface CurrentPath {
  readonly kind: PathKind
  readonly rttMs?: number | undefined
  readonly relay?: { readonly name: string | undefined; readonly vni: number; readonly address: AddrPort } | undefined
  readonly address?: AddrPort | undefined
}

export type PeerDrop = 'not-opened' | 'not-disco' | 'unexpected' | 'stranger' | 'bad-geneve'

/** Requests and pings whose answers are waited for; the oldest are forgotten. */
const maxPending = 64
/** A ping in answer to a ping, where the way is not proven yet: no more often than this. */
const answerPingMs = 100

interface PendingPing {
  readonly route: Route
  readonly at: Millis
}

interface RouteInfo {
  readonly address: AddrPort
  /** Absent: direct. */
  readonly leg?: RelayLeg
}

/** One end of a pair as stock clients behave on the wire (spec sections 2 to 4), without sockets: bytes and time in, commands out. */
export class PeerMachine {
  readonly #options: PeerMachineOptions
  readonly #disco: SealedDisco
  readonly #path = new PathMachine()
  #other: (KnownNode & { readonly discoRaw: Uint8Array }) | undefined
  #relays: readonly KnownNode[] = []
  /** Relay server → our leg on it. Bounded: `maxPending`, the oldest goes. */
  readonly #legs = new Map<string, RelayLeg>()
  /** Route key → where it leads. Bounded: the routes of the path machine, which says when one is forgotten, and their direct addresses. */
  readonly #routes = new Map<string, RouteInfo>()
  /** Transaction id → the ping. Bounded: `maxPending`. */
  readonly #pings = new Map<string, PendingPing>()
  /** Generation → the relay that was asked. Bounded: `maxPending`. */
  readonly #asked = new Map<number, KnownNode>()
  /** Relay server → name, from its answers. Bounded: `maxPending`. */
  readonly #serverNames = new Map<string, string>()
  /** Route key → when a ping was last answered by a ping. Bounded: `maxPending`. */
  readonly #answered = new Map<string, Millis>()
  readonly drops: Record<PeerDrop, number> = { 'not-opened': 0, 'not-disco': 0, unexpected: 0, stranger: 0, 'bad-geneve': 0 }

  constructor(options: PeerMachineOptions) {
    this.#options = options
    this.#disco = new SealedDisco(options.disco, options.random, maxPending)
  }

  /** The other end as the view has it; undefined: not (any more) a peer. */
  setOther(other: KnownNode | undefined): void {
    const disco = other && parseKey('discokey', other.discoKey)
    this.#other = other && disco?.ok ? { ...other, discoRaw: disco.value } : undefined
  }

  /** Relays that this node may use and that are up. */
  setRelays(relays: readonly KnownNode[]): void {
    this.#relays = relays
  }

  /** Tries a direct address of the other end from the next tick on. */
  addDirect(address: AddrPort, now: Millis): void {
    if (!this.#options.direct) return
    const route: Route = { kind: 'direct', key: formatAddrPort(address) }
    this.#path.add(route, now)
    if (this.#path.has(route.key)) this.#routes.set(route.key, { address })
  }

  path(now: Millis): CurrentPath {
    const best = this.#path.best(now)
    const info = best.route && this.#routes.get(best.route.key)
    if (!info) return { kind: 'derp' }
    const { leg, address } = info
    const relay = leg && { name: this.#serverNames.get(serverName(leg.endpoint)), vni: leg.endpoint.vni, address }
    return { kind: best.kind, rttMs: best.rttMs, address, ...(relay && { relay }) }
  }

  /** A WireGuard packet by the best trusted path; nothing while there is no other end. */
  sendData(bytes: Uint8Array, now: Millis): PeerCommand[] {
    const other = this.#otherKey()
    if (!other) return []
    const { route } = this.#path.best(now)
    const info = route && this.#routes.get(route.key)
    if (!info) return [{ type: 'derp', to: other, bytes }]
    const { leg, address } = info
    const packet = leg ? concatBytes(encodeGeneve({ vni: leg.endpoint.vni, control: false, protocol: protocolWireGuard }), bytes) : bytes
    return [{ type: 'udp', to: address, bytes: packet }]
  }

  tick(now: Millis): PeerCommand[] {
    const other = this.#other
    if (!other) return []
    const commands: PeerCommand[] = []
    for (const [server, leg] of this.#legs) {
      if (leg.hasExpired(now)) this.#legs.delete(server)
      else for (const send of leg.tick(now)) commands.push(this.#toRelay(leg, send))
    }
    for (const command of this.#path.tick(this.#relays.map(({ id }) => id), now)) {
      if (command.type === 'ping') commands.push(...this.#ping(command.route, now))
      else if (command.type === 'forget') this.#forget(command.route)
      else commands.push(...this.#allocate(command.relayId, other.discoRaw))
    }
    return commands
  }

  handleDerp(from: NodeKey, bytes: Uint8Array, now: Millis): PeerCommand[] {
    if (!looksLikeDisco(bytes)) {
      if (from !== this.#otherKey()) return this.#drop('stranger')
      return [{ type: 'data', bytes, path: 'derp' }]
    }
    const message = this.#open(bytes)
    if (!message) return []
    const other = this.#other
    const isOther = other && from === this.#otherKey() && equalBytes(discoSender(bytes), other.discoRaw)
    switch (message.type) {
      case 'allocate-response': {
        const relay = this.#asked.get(message.generation)
        if (!other || !relay || this.#keyOf(relay) !== from) return this.#drop('unexpected')
        this.#asked.delete(message.generation)
        remember(this.#serverNames, serverName(message.endpoint), relay.name)
        const via = this.#disco.seal(other.discoRaw, { type: 'call-me-maybe-via', endpoint: message.endpoint })
        return [...via.map((sealed) => ({ type: 'derp' as const, to: this.#keyOf(other), bytes: sealed })), ...this.#join(message.endpoint, now)]
      }
      case 'call-me-maybe-via':
        return isOther ? this.#join(message.endpoint, now) : this.#drop('stranger')
      case 'call-me-maybe':
        if (!isOther) return this.#drop('stranger')
        for (const address of message.addrPorts) this.addDirect(address, now)
        return []
      default:
        return this.#drop('unexpected')
    }
  }

  handleDatagram(from: AddrPort, bytes: Uint8Array, now: Millis): PeerCommand[] {
    if (looksLikeDisco(bytes)) return this.#handleProbe(from, bytes, undefined, now)
    if ((bytes[0] ?? 0) === 4 && (bytes[1] ?? 0) === 0) return [{ type: 'data', bytes, path: 'direct' }]
    const packet = bytes.subarray(headerBytes)
    switch (classify(bytes)) {
      case 'data':
        return [{ type: 'data', bytes: packet, path: 'relay' }]
      case 'probe':
        return this.#handleProbe(from, packet, readVni(bytes), now)
      case 'control':
        return this.#handleControl(from, packet, readVni(bytes), now)
      default:
        return this.#drop('bad-geneve')
    }
  }

  #handleControl(from: AddrPort, packet: Uint8Array, vni: number, now: Millis): PeerCommand[] {
    const message = this.#open(packet)
    if (!message) return []
    const leg = this.#legs.get(toHex(discoSender(packet)))
    if (message.type !== 'bind-challenge' || !leg || leg.endpoint.vni !== vni) return this.#drop('unexpected')
    const answer = leg.challenged(from, message)
    if (!answer) return []
    const route = relayRoute(from, vni)
    this.#path.add(route, now)
    if (this.#path.has(route.key)) this.#routes.set(route.key, { address: from, leg })
    return [this.#toRelay(leg, answer), ...this.#ping(route, now)]
  }

  #handleProbe(from: AddrPort, packet: Uint8Array, vni: number | undefined, now: Millis): PeerCommand[] {
    const other = this.#other
    if (!other || !equalBytes(discoSender(packet), other.discoRaw)) return this.#drop('stranger')
    const message = this.#open(packet)
    if (!message) return []
    const route: Route = vni === undefined ? { kind: 'direct', key: formatAddrPort(from) } : relayRoute(from, vni)
    if (message.type === 'pong') return this.#ponged(toHex(message.txId), now)
    if (message.type !== 'ping') return this.#drop('unexpected')
    if (vni === undefined) this.addDirect(from, now)
    const info = this.#routes.get(route.key)
    const pong = this.#probe(info ?? { address: from }, vni, { type: 'pong', txId: message.txId, src: from })
    if (!info || this.#path.isTrusted(route.key, now) || now - (this.#answered.get(route.key) ?? -Infinity) < answerPingMs) return pong
    remember(this.#answered, route.key, now)
    return [...pong, ...this.#ping(route, now)]
  }

  #ponged(txId: string, now: Millis): PeerCommand[] {
    const ping = this.#pings.get(txId)
    if (!ping) return this.#drop('unexpected')
    this.#pings.delete(txId)
    const leg = this.#routes.get(ping.route.key)?.leg
    if (leg) leg.proven = true
    this.#path.pong(ping.route.key, now - ping.at, now)
    return []
  }

  /** Begins to bind our leg; one that is being bound, or works, is left as it is. */
  #join(endpoint: RelayEndpoint, now: Millis): PeerCommand[] {
    const other = this.#other
    if (!other) return this.#drop('unexpected')
    const isOurs = [this.#options.disco.publicKey, other.discoRaw].every((key) => endpoint.clientDisco.some((client) => equalBytes(client, key)))
    if (!isOurs) return this.#drop('unexpected')
    const server = serverName(endpoint)
    const known = this.#legs.get(server)
    if (known && known.endpoint.lamportId > endpoint.lamportId) return []
    if (known?.isFor(endpoint) && (!known.proven || this.#isTrusted(known, now))) return []
    const leg = new RelayLeg(endpoint, other.discoRaw, this.#disco.generation(), now)
    remember(this.#legs, server, leg)
    return leg.tick(now).map((send) => this.#toRelay(leg, send))
  }

  #isTrusted(leg: RelayLeg, now: Millis): boolean {
    return leg.address !== undefined && this.#path.isTrusted(relayRoute(leg.address, leg.endpoint.vni).key, now)
  }

  #forget(route: Route): void {
    const leg = this.#routes.get(route.key)?.leg
    this.#routes.delete(route.key)
    if (leg && this.#legs.get(serverName(leg.endpoint)) === leg) this.#legs.delete(serverName(leg.endpoint))
  }

  #allocate(relayId: number, other: Uint8Array): PeerCommand[] {
    const relay = this.#relays.find(({ id }) => id === relayId)
    const disco = relay && parseKey('discokey', relay.discoKey)
    if (!relay || !disco?.ok) return []
    const generation = this.#disco.generation()
    remember(this.#asked, generation, relay)
    const own = this.#options.disco.publicKey
    return this.#disco.seal(disco.value, { type: 'allocate-request', clientDisco: [own, other], generation })
      .map((bytes) => ({ type: 'derp', to: this.#keyOf(relay), bytes }))
  }

  #ping(route: Route, now: Millis): PeerCommand[] {
    const info = this.#routes.get(route.key)
    if (!info) return []
    const txId = this.#options.random(12).slice()
    remember(this.#pings, toHex(txId), { route, at: now })
    return this.#probe(info, info.leg?.endpoint.vni, { type: 'ping', txId, nodeKey: this.#options.nodeKey, padding: 0 })
  }

  #probe({ address }: { readonly address: AddrPort }, vni: number | undefined, message: DiscoMessage): PeerCommand[] {
    if (!this.#other) return []
    return this.#disco.probe(this.#other.discoRaw, address, vni, message).map((datagram) => ({ type: 'udp', ...datagram }))
  }

  #toRelay(leg: RelayLeg, send: LegSend): PeerCommand {
    return { type: 'udp', ...this.#disco.toRelay(leg, send) }
  }

  #open(packet: Uint8Array): DiscoMessage | undefined {
    const message = this.#disco.open(packet)
    if (typeof message !== 'string') return message
    this.drops[message]++
    return undefined
  }

  #drop(reason: PeerDrop): PeerCommand[] {
    this.drops[reason]++
    return []
  }

  #otherKey(): NodeKey | undefined {
    return this.#other && this.#keyOf(this.#other)
  }

  #keyOf(node: KnownNode): NodeKey {
    const raw = parseKey('nodekey', node.nodeKey)
    return formatKey('nodekey', raw.ok ? raw.value : new Uint8Array(32))
  }
}

/** Sets an entry and lets the oldest go beyond `maxPending`. */
function remember<K, V>(map: Map<K, V>, key: K, value: V): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= maxPending) return
  const oldest = map.keys().next()
  if (!oldest.done) map.delete(oldest.value)
}
