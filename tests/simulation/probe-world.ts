import { createRelay, defaultLimits, type Relay, type RelayConfig } from '../../agent/relay/index.ts'
import { createTrafficEnd, PeerMachine, type KnownNode, type PeerCommand, type TrafficEnd } from '../../agent/probe/index.ts'
import type { AddrPort } from '../../lib/addr-port.ts'
import { keyPairFrom } from '../../protocol/disco/index.ts'
import { formatKey, type NodeKey } from '../../protocol/keys.ts'
import { address, seededBytes } from './client.ts'

const wayMs = 7
const derpWayMs = 25
export const start = 1_700_000_000_000

interface SimulatedPeer {
  readonly node: KnownNode
  readonly at: AddrPort
  readonly machine: PeerMachine
  readonly traffic: TrafficEnd
}

export interface WorldOptions {
  readonly bitsPerSecond?: number
  /** Part of the UDP packets that are lost, 0 to 1. */
  readonly loss?: number
  readonly direct?: boolean
}

/** Two simulated peers, one relay, DERP between all, on a simulated clock: each step is a millisecond. */
export function createWorld({ bitsPerSecond = 1_000_000, loss = 0, direct = false }: WorldOptions = {}) {
  const random = seededBytes(11)
  const relayAt = { ip: '198.51.100.4', port: 40_000 }
  const relayNodeKey = formatKey('nodekey', random(32))
  let now = start
  /** Bounded: what is on its way in the simulation. */
  const events: { readonly at: number; readonly run: () => void }[] = []
  const later = (ms: number, run: () => void): void => { events.push({ at: now + ms, run }) }

  const identities = [1, 2].map((id) => {
    const nodeKey = random(32)
    const disco = keyPairFrom(random(32))
    const node: KnownNode = { id, name: `peer-${id}`, nodeKey: formatKey('nodekey', nodeKey), discoKey: formatKey('discokey', disco.publicKey), endpoints: [] }
    return { nodeKey, disco, node }
  })
  let mayAllocate = [1]
  const config = (changes: Partial<RelayConfig> = {}): RelayConfig =>
    ({ enabled: true, nodes: identities.map(({ node }) => node), mayAllocate, addresses: [relayAt], limits: defaultLimits, ...changes })
  const relay: Relay = createRelay({ randomBytes: seededBytes(7), config: config(), now })
  const relayNode: KnownNode = { id: 9, name: 'relay-9', nodeKey: relayNodeKey, discoKey: relay.nodeDiscoKey, endpoints: [] }

  const peers: SimulatedPeer[] = identities.map(({ nodeKey, disco, node }) => ({
    node,
    at: address(node.id),
    machine: new PeerMachine({ nodeKey, disco, random: seededBytes(20 + node.id), direct }),
    traffic: createTrafficEnd({ bitsPerSecond, size: 1280, receiver: node.id, otherReceiver: 3 - node.id, start: now }),
  }))
  const peerOf = (key: NodeKey): SimulatedPeer | undefined => peers.find(({ node }) => node.nodeKey === key)

  function toUdp(from: AddrPort, to: AddrPort, bytes: Uint8Array): void {
    if ((random(1)[0] ?? 0) / 256 < loss) return
    later(wayMs, () => {
      if (to.ip === relayAt.ip) {
        const forward = relay.handleDatagram(from, bytes, now)
        if (forward) toUdp(relayAt, forward, bytes)
        settleRelay()
        return
      }
      const peer = peers.find(({ at }) => at.ip === to.ip)
      if (peer) execute(peer, peer.machine.handleDatagram(from, bytes, now))
    })
  }

  function toDerp(from: NodeKey, to: NodeKey, bytes: Uint8Array): void {
    later(derpWayMs, () => {
      if (to === relayNodeKey) {
        relay.handleDerpPacket(from, bytes, now)
        settleRelay()
        return
      }
      const peer = peerOf(to)
      if (peer) execute(peer, peer.machine.handleDerp(from, bytes, now))
    })
  }

  function settleRelay(): void {
    for (let command = relay.nextCommand(); command; command = relay.nextCommand()) {
      if (command.type === 'sendControl') toUdp(relayAt, command.to, command.bytes)
      else if (command.type === 'sendDerp') toDerp(relayNodeKey, command.to, command.bytes)
    }
  }

  function execute(peer: SimulatedPeer, commands: readonly PeerCommand[]): void {
    for (const command of commands) {
      if (command.type === 'udp') toUdp(peer.at, command.to, command.bytes)
      else if (command.type === 'derp') toDerp(formatKey('nodekey', identities[peer.node.id - 1]?.nodeKey ?? new Uint8Array(32)), command.to, command.bytes)
      else peer.traffic.received(command.bytes, now)
    }
  }

  const [a, b] = peers
  if (!a || !b) throw new Error('two peers')
  a.machine.setOther(b.node)
  b.machine.setOther(a.node)

  return {
    a, b, relay,
    get now() { return now },
    /** What the view says: whether the peer may use the relay. */
    offerRelay(on: boolean) {
      a.machine.setRelays(on ? [relayNode] : [])
    },
    turn(on: boolean) {
      relay.reconfigure(config({ enabled: on }), on ? 'turned on' : 'turned off', now)
      settleRelay()
    },
    revoke() {
      mayAllocate = []
      relay.reconfigure(config(), 'no grant', now)
      settleRelay()
    },
    tryDirect() {
      a.machine.addDirect(b.at, now)
      b.machine.addDirect(a.at, now)
    },
    /** Lets `ms` pass. `traffic`: whether the peers go on sending. */
    run(ms: number, traffic = true) {
      for (const end = now + ms; now < end; ) {
        now++
        for (const event of events.filter(({ at }) => at <= now)) {
          events.splice(events.indexOf(event), 1)
          event.run()
        }
        if (now % 10 !== 0) continue
        relay.handleTimeout(now)
        settleRelay()
        for (const peer of peers) {
          execute(peer, peer.machine.tick(now))
          for (const packet of traffic ? peer.traffic.due(now) : []) execute(peer, peer.machine.sendData(packet, now))
        }
      }
    },
    /** Packets sent and not received, both directions, after all that is on its way has come. */
    lost() {
      this.run(200, false)
      const [first, second] = [a.traffic.stats(), b.traffic.stats()]
      return first.sent - second.received + second.sent - first.received
    },
    paths: () => peers.map(({ machine }) => machine.path(now).kind),
  }
}
