import { spawn, type ChildProcess } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { bundleAgent } from '../../agent/bundle.ts'
import { DataFolder } from '../../agent/config.ts'
import { createRelay, defaultLimits, type Relay } from '../../agent/relay/index.ts'
import { formatAddrPort, type AddrPort } from '../../lib/addr-port.ts'
import type { ChannelView } from '../../protocol/channel/index.ts'
import type { RelayEndpoint } from '../../protocol/disco/index.ts'
import { formatKey } from '../../protocol/keys.ts'
import { createTestClient, dataPacket, endpointOf, seededBytes, type TestClient } from '../simulation/client.ts'

export interface Exit {
  readonly code: number | null
  readonly output: string
}

export interface AgentProcess {
  readonly child: ChildProcess
  readonly pid: number
  output(): string
  /** Resolves at the end of the process. */
  readonly exit: Promise<Exit>
}

/** The bundle in a folder with nothing else: what it needs must be in it. */
export class AgentRig {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'towpath-agent-'))
  readonly bundle = path.join(this.folder, 'agent.mjs')
  readonly #running = new Set<AgentProcess>()

  async build(): Promise<void> {
    await bundleAgent(this.bundle)
  }

  data(name: string): string {
    return path.join(this.folder, name)
  }

  start(...words: string[]): AgentProcess {
    const child = spawn(process.execPath, [this.bundle, ...words], { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { output += text })
    const started: AgentProcess = {
      child,
      pid: child.pid ?? 0,
      output: () => output,
      exit: new Promise((resolve) => {
        child.once('close', (code) => {
          this.#running.delete(started)
          resolve({ code, output })
        })
      }),
    }
    this.#running.add(started)
    return started
  }

  run(...words: string[]): Promise<Exit> {
    return this.start(...words).exit
  }

  /** Ends what still runs. */
  async stop(): Promise<void> {
    await Promise.all([...this.#running].map(({ child, exit }) => {
      child.kill('SIGKILL')
      return exit
    }))
  }

  async close(): Promise<void> {
    await this.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export interface Pair {
  readonly a: TestClient
  readonly b: TestClient
  readonly endpoint: RelayEndpoint
}

/** Clients of a network of their own, reproducible; ids from 2 on, as the agent itself is 1. */
export function testClients(count: number): TestClient[] {
  const random = seededBytes(99)
  return Array.from({ length: count }, (_, i) => createTestClient(i + 2, `client-${i + 2}`, random))
}

/** A relay that has an allocation for each pair of these clients, VNIs from `firstVni`; the same keys give the same pairs. */
export function allocatePairs(nodeDisco: Uint8Array, clients: readonly TestClient[], firstVni = 1): { readonly relay: Relay; readonly pairs: readonly Pair[] } {
  const options = {
    randomBytes: seededBytes(5),
    config: {
      enabled: true, nodes: clients.map(({ node }) => node), mayAllocate: clients.map(({ node }) => node.id),
      addresses: [{ ip: '127.0.0.1', port: 1 }], limits: defaultLimits,
    },
    nodeDisco,
    now: Date.now(),
  }
  const relay = createRelay({ ...options, saved: { ...createRelay(options).saved(), nextVni: firstVni } })
  const pairs: Pair[] = []
  for (let i = 0; i + 1 < clients.length; i += 2) {
    const [a, b] = [clients[i], clients[i + 1]]
    if (!a || !b) break
    relay.handleDerpPacket(a.nodeKey, a.request(relay.nodeDiscoKey, b), options.now)
    const sent = relay.nextCommand()
    const endpoint = sent?.type === 'sendDerp' ? endpointOf(a, sent.bytes) : undefined
    if (!endpoint?.ok) throw new Error(`not allocated: ${JSON.stringify(relay.refusals().at(-1))}`)
    pairs.push({ a, b, endpoint: endpoint.value })
  }
  return { relay, pairs }
}

export interface Seeded {
  readonly firstVni?: number
  /** Where an earlier run's clients bound, by pair and leg; absent: they have yet to. */
  readonly boundAt?: (pair: number, leg: number) => AddrPort
}

/**
 * Leaves allocations for pairs of these clients in an agent's data folder, as an earlier run would have: the handshakes
 * then go over the relay's port as they always do, without a DERP server.
 */
export function seedAllocations(data: string, port: number, clients: readonly TestClient[], { firstVni, boundAt }: Seeded = {}): readonly Pair[] {
  const folder = new DataFolder(data)
  const { relay, pairs } = allocatePairs(folder.keys().disco.secret, clients, firstVni)
  const saved = relay.saved()
  if (boundAt) {
    for (const [pair, { legs }] of saved.allocations.entries()) {
      for (const [leg, entry] of legs.entries()) entry.bound = formatAddrPort(boundAt(pair, leg))
    }
  }
  folder.saveRelayState(JSON.stringify(saved))
  folder.saveConfig({ revision: 0, skewMs: 0, view: relayView(data, port, clients) })
  return pairs
}

/** What the control plane would send to a relay that serves these clients. */
export function relayView(data: string, port: number, clients: readonly TestClient[], changes: { readonly advertised?: boolean } = {}): ChannelView {
  const keys = new DataFolder(data).keys()
  return {
    self: {
      id: 1, stableId: 's1', name: 'relay', kind: 'agent', nodeKey: formatKey('nodekey', keys.node.public),
      discoKey: formatKey('discokey', keys.disco.public), addresses: ['100.64.0.1'], endpoints: [], homeDerp: 0, capVersion: 142,
      tags: ['tag:relay'], online: true,
    },
    peers: [],
    relays: [],
    serves: clients.map(({ node }) => node.id),
    sessionPeers: clients.map(({ node: { id, name, nodeKey, discoKey } }) => ({ id, name, nodeKey, discoKey })),
    derp: [],
    relay: {
      advertised: changes.advertised ?? true, port, staticEndpoints: [], region: '', maxEndpoints: 1000, handshakesPerSecond: 1000,
    },
  }
}

/** A client's UDP socket on loopback, talking to the relay's port. */
export class UdpClient {
  readonly received: Buffer[] = []
  readonly #socket: Socket
  readonly #relayPort: number
  #wake: () => void = () => undefined

  private constructor(socket: Socket, relayPort: number) {
    this.#socket = socket
    this.#relayPort = relayPort
    socket.on('message', (bytes) => {
      this.received.push(bytes)
      this.#wake()
    })
  }

  static async open(relayPort: number, bind: { readonly host?: string; readonly port?: number } = {}): Promise<UdpClient> {
    const socket = createSocket('udp4')
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind(bind.port ?? 0, bind.host ?? '127.0.0.1', resolve)
    })
    return new UdpClient(socket, relayPort)
  }

  /** Resolves once the system has taken it: a socket that is closed before loses it. */
  send(bytes: Uint8Array, host = '127.0.0.1'): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#socket.send(bytes, this.#relayPort, host, (error) => (error ? reject(error) : resolve()))
    })
  }

  /** The next datagram that is not taken yet, or undefined when none comes. */
  async take(withinMs = 5000): Promise<Buffer | undefined> {
    if (this.received.length === 0) {
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, withinMs)
        this.#wake = () => {
          clearTimeout(late)
          resolve()
        }
      })
    }
    return this.received.shift()
  }

  /** The three-way handshake (spec section 4) up to the Answer. */
  async bind({ endpoint }: Pair, me: TestClient, other: TestClient, host = '127.0.0.1'): Promise<void> {
    for (let attempt = 1; attempt <= 20; attempt++) {
      await this.send(me.bind(endpoint, other, attempt), host)
      const challenge = await this.take(500)
      if (challenge) return this.send(me.answer(endpoint, challenge), host)
    }
    throw new Error('no challenge')
  }

  /** Sends data until it comes out at the other: loss on loopback is possible, silence is a fault. */
  async exchange({ endpoint }: Pair, other: UdpClient, payload: Uint8Array): Promise<number> {
    for (let sent = 1; sent <= 40; sent++) {
      await this.send(dataPacket(endpoint.vni, payload))
      if (await other.take(250)) return sent
    }
    throw new Error('nothing came through the relay')
  }

  close(): void {
    this.#socket.close()
  }
}

/** A UDP port of loopback that is free now. */
export async function freeUdpPort(): Promise<number> {
  const probe = createSocket('udp4')
  await new Promise<void>((resolve) => {
    probe.bind(0, resolve)
  })
  const { port } = probe.address()
  await new Promise<void>((resolve) => {
    probe.close(resolve)
  })
  return port
}
