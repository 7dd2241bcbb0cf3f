import { networkInterfaces } from 'node:os'
import { formatAddrPort, parseAddrPort } from '../../lib/addr-port.ts'
import type { Clock, RandomBytes } from '../../lib/clock.ts'
import type { ChannelView } from '../../protocol/channel/index.ts'
import { formatKey, type NodeKey } from '../../protocol/keys.ts'
import { interfaceIps } from '../addresses/index.ts'
import { ChannelClient, type ChannelEvent } from '../channel/client.ts'
import { isPassing, refusalText } from '../channel/machine.ts'
import type { NodeKeys } from '../config.ts'
import { createDerpClient, type DerpState } from '../derp/index.ts'
import { hostInfo } from '../host-info.ts'
import { PeerMachine, type CurrentPath, type KnownNode, type PeerCommand } from './peer.ts'
import { openUdp } from './udp.ts'

export interface ProbeNodeOptions {
  /** Base URL of the control plane. */
  readonly server: string
  readonly authKey: string
  readonly name: string
  readonly keys: NodeKeys
  /** The node key of the one that it talks with. */
  readonly other: NodeKey
  /** Whether direct paths are told of and tried. */
  readonly direct: boolean
  readonly clock: Clock
  readonly random: RandomBytes
  /** A WireGuard packet from the other end. */
  readonly onData: (bytes: Uint8Array) => void
  /** The control plane turned it away: text and fix in one line. */
  readonly onRefused: (text: string) => void
  readonly onLog: (text: string) => void
}

export interface ProbeNode {
  /** As the control plane named it. */
  readonly name: string
  readonly joined: boolean
  readonly derp: DerpState
  /** The other end is in its view: it may be sent to. */
  readonly sees: boolean
  path(): CurrentPath
  sendData(bytes: Uint8Array): void
  /** To be called each 10 ms or so. */
  tick(): void
  /** Leaves the network. */
  stop(): Promise<void>
}

/** A simulated node: in the network through the channel, on its home DERP, with a UDP port, talking with one other node. */
export async function createProbeNode(options: ProbeNodeOptions): Promise<ProbeNode> {
  const { keys, clock, random, direct } = options
  const machine = new PeerMachine({
    nodeKey: keys.node.public, disco: { privateKey: keys.disco.secret, publicKey: keys.disco.public }, random, direct,
  })
  const udp = await openUdp((from, bytes) => run(machine.handleDatagram(from, bytes, clock.now())))
  let view: ChannelView | undefined
  let name = options.name
  let joined = false
  let sees = false

  /** What each part said last: an outage is told once, not at each try. Bounded: one per part. */
  const said = new Map<'channel' | 'derp' | 'derp-notice', string>()

  function say(part: 'channel' | 'derp' | 'derp-notice', text: string): void {
    if (said.get(part) === text) return
    said.set(part, text)
    options.onLog(`${name}: ${text}`)
  }

  const derp = createDerpClient({
    region: undefined, keys, clock, random,
    onPacket: (from, bytes) => run(machine.handleDerp(from, bytes, clock.now())),
    onState: (state) => {
      tellStatus()
      if (state.name === 'waiting') say('derp', state.text)
      else if (state.name === 'connected') said.delete('derp')
    },
    onLog: (text) => say('derp-notice', `DERP: ${text}`),
  })
  const channel = new ChannelClient({
    server: options.server, keys, host: hostInfo(), kind: 'simulated', authKey: options.authKey, name, revision: 0, clock, random, onEvent: hear,
  })

  function run(commands: readonly PeerCommand[]): void {
    for (const command of commands) {
      if (command.type === 'udp') udp.send(command.to, command.bytes)
      else if (command.type === 'derp') derp.send(command.to, command.bytes)
      else options.onData(command.bytes)
    }
  }

  function hear(event: ChannelEvent): void {
    switch (event.type) {
      case 'welcome':
        name = event.welcome.name
        joined = true
        said.delete('channel')
        return
      case 'view':
        take(event.view)
        return channel.applied(event.revision)
      case 'refused':
        // A control plane whose database is away for a moment ends no measurement.
        if (isPassing(event.refused)) return say('channel', event.refused.text)
        return options.onRefused(refusalText(event.refused))
      case 'log':
        return say('channel', event.text)
      default:
        return
    }
  }

  function take(next: ChannelView): void {
    view = next
    derp.update(next.derp[0])
    const byId = new Map(next.peers.map((peer) => [peer.id, peer]))
    machine.setRelays(next.relays.map((id) => byId.get(id)).filter((peer) => peer !== undefined))
    const other: KnownNode | undefined = next.peers.find(({ nodeKey }) => nodeKey === options.other)
    machine.setOther(other)
    sees = other !== undefined
    for (const text of other?.endpoints ?? []) {
      const address = parseAddrPort(text)
      if (address.ok) machine.addDirect(address.value, clock.now())
    }
    tellStatus()
  }

  function tellStatus(): void {
    const home = derp.state.name === 'connected' ? derp.state.regionId : view?.derp[0]?.id ?? 0
    const ips = direct ? interfaceIps(networkInterfaces()).filter((ip) => udp.ipv6 || !ip.includes(':')) : []
    channel.status({ type: 'status', homeDerp: home, endpoints: ips.slice(0, 16).map((ip) => formatAddrPort({ ip, port: udp.port })) })
  }

  return {
    get name() { return name },
    get joined() { return joined },
    get derp() { return derp.state },
    get sees() { return sees },
    path: () => machine.path(clock.now()),
    sendData: (bytes) => run(machine.sendData(bytes, clock.now())),
    tick: () => run(machine.tick(clock.now())),
    async stop() {
      await Promise.all([channel.stop(true), derp.close()])
      await udp.close()
    },
  }
}

/** The text form of a node's key. */
export function nodeKeyOf(keys: NodeKeys): NodeKey {
  return formatKey('nodekey', keys.node.public)
}
