import { setImmediate as nextTurn } from 'node:timers/promises'
import { firstMap, messagesFor, relayHoldMs, type NetNode, type Said, type Told } from '../../../netmap/index.ts'
import type { MapRequest } from '../../../protocol/tailcfg/index.ts'
import { TowpathError } from '../../errors/index.ts'
import type { ServerFacts, ServiceContext } from '../../services/context.ts'
import { reportClient, type ClientReport } from '../../services/node/report-client.ts'
import type { Exchange, ExchangeHandler } from '../transport/types.ts'
import { loadCompressor } from './compress.ts'
import { Frames } from './frames.ts'
import { Introductions } from './introductions.ts'
import { Reports } from './reports.ts'
import { maxRequestBytes, readRequest, reportOf } from './request.ts'
import { MapStream } from './stream.ts'

/**
 * Changes within a moment are one message, and within as long as telling the last one to all took: where a thousand clients are told, what many others
 * change at the same time comes together, and half of the time is left for other things.
 */
const coalesceMs = 10
const mostCoalesceMs = 500
/** Others get their turn on the event loop after so many streams, some 5 ms: a machine that joins waits for the database a dozen times in a row. */
const turnStreams = 8
/** A client that comes back this soon was not away. */
const offlineMs = 10_000
/** A node's next stream may replace its last one only after this long. */
const replaceMs = 1000
/** Of silence; the rest of it by chance, so that not all are told at once (spec/coordination.md §3.6). */
const keepAliveMs = 50_000
const keepAliveSpreadMs = 8000
const tickMs = 1000
/** One text for a node that is unknown and one that is another's (§10). */
const unknownNode = 'unknown node'

export interface MapStreamsOptions {
  readonly services: Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'random' | 'network' | 'server'>
  readonly log: { info(fields: object, text: string): void; warn(fields: object, text: string): void; error(fields: object, text: string): void }
}

export interface MapCounts {
  readonly streams: number
  /** Whose clients take less than is written. */
  readonly blocked: number
  /** Since the start: messages compressed, and sent again as they were. */
  readonly framesMade: number
  readonly framesShared: number
}

export interface MapStreams {
  /** `POST /machine/map`. */
  readonly handler: ExchangeHandler
  /** Puts it into the node's stream, after what it is to be told of the map. False: it has no stream, or does not take it. */
  tell(nodeId: number, message: Said): boolean
  /** It has a stream. */
  online(nodeId: number): boolean
  /** What its stream has carried; undefined: it has none. */
  written(nodeId: number): { readonly messages: number; readonly bytes: number } | undefined
  /** A node that was removed is told so, and its stream ends. */
  remove(nodeId: number): void
  counts(): MapCounts
  /** Ends every stream, and begins none: the control plane stops. */
  drain(): void
  dispose(): void
}

/** Only while there is no address that clients come back to: what else is said of it is for those who run it, not for a client that is in. */
function whyNotBack({ joinUrl, joinWarning }: ServerFacts): string {
  return joinUrl === null ? joinWarning : ''
}

export function createMapStreams({ services, log }: MapStreamsOptions): MapStreams {
  const { bus, clock, network, random } = services
  /** The newest of each node. Bounded: one per node of the network. */
  const streams = new Map<number, MapStream>()
  /** Whose stream ended just now, and when they count as offline. Bounded as above. */
  const leaving = new Map<number, number>()
  /** Removed, while the network may still have them: it hears of it from the database. Bounded: those of the last second. */
  const removed = new Set<number>()
  /** Who is to be told. Bounded as above. */
  const dirty = new Set<number>()
  /** Who is to be told of a relay in a moment. Bounded as above. */
  const held = new Set<number>()
  let holdTimer: NodeJS.Timeout | undefined
  let frames: Frames | undefined
  let timer: NodeJS.Timeout | undefined
  /** How long it took to tell all whom the last change concerned. */
  let flushMs = 0
  let joinWarning = whyNotBack(services.server)
  let isDraining = false

  const reports = new Reports({
    clock,
    async write(nodeId, report) {
      await reportClient(services, nodeId, report)
      await network.taken()
    },
  })
  const introductions = new Introductions(write)

  /** What nobody waits for. Peers drop what comes from a disco key that they do not know: it is not held up by anything. */
  function write(nodeId: number, report: ClientReport): void {
    reports.take(nodeId, report, { urgent: true }).catch((error: unknown) => log.warn({ err: error, nodeId }, 'map: what a client said was not written'))
  }

  async function loadFrames(): Promise<Frames> {
    const compress = await loadCompressor()
    frames ??= new Frames(compress, (bytes) => log.warn({ bytes }, 'map: a message is large'))
    return frames
  }

  function told(nodeId: number): Told | undefined {
    const view = removed.has(nodeId) ? undefined : network.view(nodeId)
    return view && { view, messages: messagesFor(view, joinWarning) }
  }

  /** The caller's own node; undefined: there is none. */
  async function nodeOf({ caller }: Exchange, { NodeKey }: MapRequest): Promise<NetNode | undefined> {
    // A client that has just been registered comes at once.
    if (network.nodeByKey(NodeKey) === undefined) await network.taken()
    const node = network.nodeByKey(NodeKey)
    return node?.facts.machineKey === caller.machineKey && node.kind === 'client' && !removed.has(node.id) ? node : undefined
  }

  async function handler(exchange: Exchange): Promise<void> {
    const request = readRequest(await exchange.body(maxRequestBytes))
    const node = await nodeOf(exchange, request)
    if (node === undefined) return exchange.answer(404, unknownNode)
    exchange.registered()
    if (request.Stream) return begin(exchange, request, node)
    await reports.take(node.id, introductions.pass(node, reportOf(request)), { signal: exchange.signal })
    if (request.OmitPeers) return exchange.answer(200)
    const all = told(node.id)
    if (all === undefined) return exchange.answer(404, unknownNode)
    const { frame } = await frameOf()
    const answer = exchange.stream()
    answer.write(frame(firstMap(all, clock.now())))
    answer.end()
  }

  async function frameOf(): Promise<{ readonly frame: Frames['frame'] }> {
    const made = frames ?? await loadFrames()
    return { frame: (message) => made.frame(message) }
  }

  async function begin(exchange: Exchange, request: MapRequest, node: NetNode): Promise<void> {
    const { id, nodeKey } = node
    const { frame } = await frameOf()
    const first = told(id)
    // Removed, given another key, or the client went, while it waited.
    if (first?.view.self.nodeKey !== nodeKey) return exchange.answer(404, unknownNode)
    if (exchange.signal.aborted) return
    if (isDraining) throw new TowpathError({ code: 'unavailable', text: 'The control plane is stopping', fix: 'Try again in a moment' })
    const older = streams.get(id)
    if (older !== undefined && clock.now() - older.startedAt < replaceMs) {
      throw new TowpathError({ code: 'rate-limited', text: 'This node began a stream just now', fix: 'Try again in a second', details: { retryAfterSeconds: 1 } })
    }
    const spread = (random(1)[0] ?? 0) / 256
    const stream = new MapStream({ nodeId: id, nodeKey, answer: exchange.stream(), first, keepAliveMs: keepAliveMs + spread * keepAliveSpreadMs, frame, clock })
    streams.set(id, stream)
    older?.end()
    exchange.signal.addEventListener('abort', () => ended(stream), { once: true })
    guard(stream, () => stream.pump())
    leaving.delete(id)
    if (!network.isOnline(id)) bus.publish('node.presence', { nodeId: id, online: true })
    write(id, introductions.pass(node, reportOf(request)))
  }

  /** A message that cannot be made ends the one stream that it was for: with the next one the client gets all anew. */
  function guard(stream: MapStream, work: () => void): void {
    try {
      work()
    } catch (error) {
      log.error({ err: error, nodeId: stream.nodeId }, 'map: a message could not be sent')
      stream.destroy()
      ended(stream)
    }
  }

  function ended(stream: MapStream): void {
    if (streams.get(stream.nodeId) !== stream) return
    streams.delete(stream.nodeId)
    dirty.delete(stream.nodeId)
    if (!isDraining) leaving.set(stream.nodeId, clock.now() + offlineMs)
  }

  function changed(nodeIds: Iterable<number>): void {
    for (const id of nodeIds) if (streams.has(id)) dirty.add(id)
    if (dirty.size > 0) timer ??= setTimeout(() => void flush(), Math.max(coalesceMs, Math.min(flushMs, mostCoalesceMs)))
  }

  async function flush(): Promise<void> {
    const startedAt = performance.now()
    let count = 0
    const round = [...dirty]
    dirty.clear()
    for (const id of round) {
      const stream = streams.get(id)
      if (stream === undefined) continue
      guard(stream, () => renew(stream))
      if (stream.isHeld) held.add(id)
      if (++count % turnStreams === 0) await nextTurn()
    }
    flushMs = performance.now() - startedAt
    timer = undefined
    // What changed meanwhile.
    changed([])
    if (held.size > 0) holdTimer ??= setTimeout(release, relayHoldMs)
  }

  function release(): void {
    holdTimer = undefined
    changed(held)
    held.clear()
  }

  function renew(stream: MapStream): void {
    const next = told(stream.nodeId)
    // A client with a new key opens its own stream.
    if (next === undefined || next.view.self.nodeKey !== stream.nodeKey) {
      stream.end()
      ended(stream)
    } else stream.update(next)
  }

  const ticker = setInterval(() => {
    const now = clock.now()
    for (const stream of streams.values()) {
      guard(stream, () => {
        if (stream.tick()) return
        log.info({ nodeId: stream.nodeId }, 'map: a client has taken nothing for a minute')
        stream.destroy()
        ended(stream)
      })
    }
    for (const [nodeId, due] of leaving) {
      if (due > now) continue
      leaving.delete(nodeId)
      bus.publish('node.presence', { nodeId, online: false })
    }
    reports.forget(now)
    for (const nodeId of removed) if (network.node(nodeId) === undefined) removed.delete(nodeId)
    const warning = whyNotBack(services.server)
    if (warning !== joinWarning) {
      joinWarning = warning
      changed(streams.keys())
    }
  }, tickMs)

  const stop = bus.subscribe('views.changed', ({ nodeIds }) => changed(nodeIds))

  function drain(): void {
    isDraining = true
    for (const stream of streams.values()) stream.end()
    streams.clear()
    leaving.clear()
    dirty.clear()
    held.clear()
  }

  return {
    handler,
    tell: (nodeId, message) => streams.get(nodeId)?.say(message) ?? false,
    online: (nodeId) => streams.has(nodeId),
    written: (nodeId) => streams.get(nodeId)?.written,
    remove(nodeId) {
      // It comes back at once, and a map of what was would be its last: it would keep that for ever.
      removed.add(nodeId)
      const stream = streams.get(nodeId)
      streams.delete(nodeId)
      leaving.delete(nodeId)
      introductions.forget(nodeId)
      stream?.goodbye()
    },
    counts: () => ({
      streams: streams.size, blocked: [...streams.values()].filter(({ isBlocked }) => isBlocked).length,
      framesMade: frames?.counts.made ?? 0, framesShared: frames?.counts.shared ?? 0,
    }),
    drain,
    dispose() {
      drain()
      stop()
      clearInterval(ticker)
      clearTimeout(timer)
      clearTimeout(holdTimer)
      reports.dispose()
      introductions.dispose()
    },
  }
}
