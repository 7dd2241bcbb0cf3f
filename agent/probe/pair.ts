import type { Clock, RandomBytes } from '../../lib/clock.ts'
import type { NodeKeys } from '../config.ts'
import { createProbeNode, nodeKeyOf, type ProbeNode } from './node.ts'
import { createPathLog, type PathSpan } from './path-log.ts'
import type { CurrentPath } from './peer.ts'
import { createTrafficEnd, type TrafficEnd, type TrafficStats } from './traffic-end.ts'

const tickMs = 10
/** After the last packet was sent: what comes later than this does not come. */
const settleMs = 1500

export interface ProbePairOptions {
  readonly server: string
  /** A reusable auth key. */
  readonly authKey: string
  readonly names: readonly [string, string]
  readonly keys: readonly [NodeKeys, NodeKeys]
  /** In each direction; size in bytes of each WireGuard packet. */
  readonly bitsPerSecond: number
  readonly size: number
  readonly direct: boolean
  readonly clock: Clock
  readonly random: RandomBytes
  readonly onRefused: (text: string) => void
  readonly onLog: (text: string) => void
}

export interface EndStats {
  readonly name: string
  readonly state: 'joining' | 'waiting' | 'sending'
  readonly path: CurrentPath
  readonly traffic: TrafficStats
  /** Packets to this end that are lost, those on their way left out. */
  readonly lost: number
  /** The paths so far, each with the packets to this end that were lost while this end sent by it. */
  readonly spans: readonly PathSpan[]
}

export interface ProbePair {
  /** Joins the network; resolves at once, `stats` tells how far it is. Throws with a person's text where there is no UDP port. */
  start(): Promise<void>
  stats(): readonly [EndStats, EndStats]
  /** Stops sending, waits for what is on its way (1.5 s at most), and leaves the network. */
  stop(): Promise<void>
}

interface End {
  readonly node: ProbeNode
  readonly traffic: TrafficEnd
  readonly log: ReturnType<typeof createPathLog>
}

/** Two simulated nodes that send each other traffic as WireGuard would, and measure what becomes of it. */
export function createProbePair(options: ProbePairOptions): ProbePair {
  const { clock, bitsPerSecond, size } = options
  let ends: readonly [End, End] | undefined
  let timer: NodeJS.Timeout | undefined
  let sending = false
  let stopped = false

  async function createEnd(index: 0 | 1): Promise<End> {
    const other = index === 0 ? 1 : 0
    const traffic = createTrafficEnd({ bitsPerSecond, size, receiver: index + 1, otherReceiver: other + 1, start: clock.now() })
    const { server, authKey, direct, random, onRefused, onLog } = options
    const node = await createProbeNode({
      server, authKey, direct, clock, random, onRefused, onLog,
      name: options.names[index], keys: options.keys[index], other: nodeKeyOf(options.keys[other]),
      onData: (bytes) => traffic.received(bytes, clock.now()),
    })
    return { node, traffic, log: createPathLog() }
  }

  function tick(): void {
    if (!ends) return
    const now = clock.now()
    // The first packets go out when both can receive: what is lost before that says nothing of a path.
    sending ||= ends.every(({ node }) => node.sees && node.derp.name === 'connected')
    for (const { node, traffic, log } of ends) {
      node.tick()
      const due = traffic.due(sending && node.sees ? now : undefined)
      for (const packet of due) node.sendData(packet)
      log.note(node.path(), traffic.stats().missing, now)
    }
  }

  return {
    async start() {
      const first = await createEnd(0)
      try {
        ends = [first, await createEnd(1)]
      } catch (error) {
        // `stop` ends pairs only: the first would stay in the network, and keep the process.
        await first.node.stop()
        throw error
      }
      timer = setInterval(tick, tickMs)
    },
    stats() {
      if (!ends) throw new Error('not started')
      const [a, b] = ends
      return [endStats(a, sending), endStats(b, sending)]
    },
    async stop() {
      clearInterval(timer)
      if (!ends || stopped) return
      stopped = true
      const until = clock.now() + settleMs
      while (clock.now() < until && !hasAllArrived(ends)) await new Promise((resolve) => setTimeout(resolve, tickMs))
      for (const { node, traffic, log } of ends) log.settle(node.path(), traffic.stats().missing, clock.now())
      await Promise.all(ends.map(({ node }) => node.stop()))
    },
  }
}

function hasAllArrived([a, b]: readonly [End, End]): boolean {
  const [first, second] = [a.traffic.stats(), b.traffic.stats()]
  return first.received === second.sent && second.received === first.sent
}

function endStats({ node, traffic, log }: End, sending: boolean): EndStats {
  return {
    name: node.name,
    state: !node.joined ? 'joining' : sending && node.sees ? 'sending' : 'waiting',
    path: node.path(),
    traffic: traffic.stats(),
    lost: log.lost,
    spans: log.spans(),
  }
}
