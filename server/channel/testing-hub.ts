import { createServer, type Server } from 'node:http'
import { randomBytes } from 'node:crypto'
import { WebSocket } from 'ws'
import { systemClock } from '../../lib/clock.ts'
import { channelPath, channelSubprotocol, encodeMessage, parseToNode, type ChannelView, type FromNode, type Report, type ToNode } from '../../protocol/channel/index.ts'
import { createBus, type Bus } from '../bus/index.ts'
import { createChannelHub, type ChannelHub, type ChannelHubOptions } from './hub.ts'
import { testLog, testView, type TestIdentity } from './testing.ts'
import type { Admission, ChannelMetrics, Claim, SentView, Status } from './types.ts'

/** Services in memory: nodes are known by their machine key, views are what a test sets. */
export class TestServices {
  readonly nodes = new Map<string, { id: number; viewRevision: number; viewDigest: string }>()
  readonly views = new Map<number, ChannelView>()
  readonly applied = new Map<number, number>()
  readonly statuses: Status[] = []
  readonly left: number[] = []
  readonly claims: Claim[] = []
  /** Thrown by the next admission. */
  refuseWith: Error | undefined
  saveFails = false

  readonly verbs = {
    admit: (claim: Claim): Promise<Admission> => this.#admit(claim),
    status: async (_: number, status: Status): Promise<void> => void this.statuses.push(status),
    applied: async (nodeId: number, revision: number): Promise<void> => void this.applied.set(nodeId, revision),
    leave: async (nodeId: number): Promise<void> => void this.left.push(nodeId),
    view: (nodeId: number): ChannelView | undefined => this.views.get(nodeId),
    saveViews: (sent: readonly SentView[]): Promise<void> => this.#save(sent),
  }

  async #admit(claim: Claim): Promise<Admission> {
    this.claims.push(claim)
    if (this.refuseWith) throw this.refuseWith
    const known = this.nodes.get(claim.machineKey) ?? { id: this.nodes.size + 1, viewRevision: 0, viewDigest: '' }
    this.nodes.set(claim.machineKey, known)
    if (!this.views.has(known.id)) this.views.set(known.id, testView(known.id))
    return { ...known, stableId: `n${known.id}`, name: `lock-${known.id}`, addresses: [`100.64.0.${known.id}`], authorized: true }
  }

  async #save(sent: readonly SentView[]): Promise<void> {
    if (this.saveFails) throw new Error('the database is down')
    for (const { nodeId, revision, digest } of sent) {
      const node = [...this.nodes.values()].find(({ id }) => id === nodeId)
      if (node) Object.assign(node, { viewRevision: revision, viewDigest: digest })
    }
  }
}

export interface HubRig {
  readonly hub: ChannelHub
  readonly bus: Bus
  readonly url: string
  readonly lines: string[]
  /** The same with their fields. */
  readonly logged: readonly object[]
  readonly presence: string[]
  readonly reports: Report[]
  watch(ids: readonly number[]): void
  stop(): Promise<void>
}

/** A hub on a loopback port of its own. */
export async function hubRig(services: TestServices, limits: ChannelHubOptions['limits'] = {}, metrics?: ChannelMetrics): Promise<HubRig> {
  const log = testLog()
  const bus = createBus((error) => log.lines.push(String(error)))
  const presence: string[] = []
  bus.subscribe('node.presence', ({ nodeId, online }) => presence.push(`${nodeId} ${online ? 'online' : 'offline'}`))
  const reports: Report[] = []
  let watched: readonly number[] = []
  let changed = (): void => {}
  const hub = createChannelHub({
    services: services.verbs, bus, clock: systemClock, random: randomBytes, log, limits,
    metrics: metrics ?? {
      ingest: async (_, report) => void reports.push(report),
      watched: (id) => watched.includes(id),
      onWatch(listener) {
        changed = listener
        return () => {}
      },
    },
  })
  const server: Server = createServer()
  server.on('upgrade', (request, socket, head) => hub.handleUpgrade(request, socket, head))
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const address = server.address()
  return {
    hub, bus, lines: log.lines, logged: log.fields, presence, reports,
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    watch(ids) {
      watched = ids
      changed()
    },
    async stop() {
      await hub.dispose()
      server.closeAllConnections()
      await new Promise((resolve) => { server.close(resolve) })
    },
  }
}

/** A node by hand: what it hears is kept, nothing is answered by itself. */
export class RawNode {
  readonly heard: ToNode[] = []
  closed: { readonly code: number; readonly reason: string } | undefined
  failed: string | undefined
  readonly socket: WebSocket

  constructor(url: string, { path = channelPath, protocol = channelSubprotocol } = {}) {
    this.socket = new WebSocket(url.replace('http', 'ws') + path, protocol)
    this.socket.on('message', (data) => {
      const parsed = parseToNode(String(data))
      if (parsed.ok) this.heard.push(parsed.value)
    })
    this.socket.on('close', (code, reason) => { this.closed = { code, reason: reason.toString() } })
    this.socket.on('error', (error) => { this.failed = error.message })
  }

  say(message: FromNode): void {
    this.socket.send(encodeMessage(message))
  }

  async opened(): Promise<void> {
    if (this.socket.readyState === WebSocket.CONNECTING) await new Promise((resolve) => { this.socket.once('open', resolve) })
  }

  last<Type extends ToNode['type']>(type: Type): Extract<ToNode, { type: Type }> | undefined {
    return this.heard.findLast((one): one is Extract<ToNode, { type: Type }> => one.type === type)
  }

  views(): { readonly revision: number; readonly cause: string }[] {
    return this.heard.flatMap((one) => (one.type === 'view' ? [{ revision: one.revision, cause: one.cause }] : []))
  }

  /** Until it is welcome or refused. */
  async join(identity: TestIdentity, revision = 0): Promise<void> {
    await this.opened()
    this.say({ type: 'hello', version: 1, machineKey: identity.machineKey })
    await this.until(() => this.last('challenge') !== undefined)
    this.say(identity.prove(this.last('challenge')?.nonce ?? '', { revision }))
    await this.until(() => this.last('welcome') !== undefined || this.closed !== undefined)
  }

  async until(holds: () => boolean, withinMs = 5000): Promise<void> {
    const end = performance.now() + withinMs
    while (!holds()) {
      if (performance.now() > end) throw new Error(`not within ${withinMs} ms; heard: ${JSON.stringify(this.heard.map(({ type }) => type))}`)
      await new Promise((resolve) => { setTimeout(resolve, 5) })
    }
  }
}
