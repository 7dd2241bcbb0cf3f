import type { Report, SessionDelta } from '../../protocol/channel/index.ts'
import { createBus, type Bus, type BusEventName } from '../bus/index.ts'
import type { Db } from '../db/client.ts'
import { createMetrics, type Metrics } from './index.ts'

export function report(sequence: number, more: Partial<Report> = {}): Report {
  return {
    boot: 'b', sequence, at: 0, intervalMs: 10_000, bytesIn: 0, bytesOut: 0, packetsIn: 0, packetsOut: 0, cpuMs: 0, endpoints: 0,
    drops: {}, sessions: [], ended: [], ...more,
  }
}

export function delta(key: string, more: Partial<SessionDelta> = {}): SessionDelta {
  return { key, vni: 1, a: 1, b: 2, openedAt: 0, bytesFromA: 0, bytesFromB: 0, packetsFromA: 0, packetsFromB: 0, ...more }
}

export interface Rig {
  readonly metrics: Metrics
  readonly bus: Bus
  readonly time: { now: number }
  readonly heard: BusEventName[]
  readonly faults: string[]
  /** Ingests a report that ends now, on a clock that agrees with ours; its node is made first. */
  take(nodeId: number, report: Report): Promise<void>
  /** Lets time pass, second by second. */
  pass(ms: number): Promise<void>
}

/** A node of the network, as far as figures look at it. */
export async function addNode(db: Db, id: number): Promise<void> {
  await db.$executeRaw`
    INSERT INTO "Node" (id, "stableId", kind, name, "machineKey", "nodeKey", "discoKey", ipv4, ipv6, "capVersion", endpoints, tags, hostname, os, version)
    SELECT ${id}::int, t, 'agent', t, t, t, t, t, t, 0, '{}', '{}', '', '', '' FROM (SELECT 'node-' || ${id}::int AS t) AS named ON CONFLICT DO NOTHING`
}

/** Metrics on a simulated clock; every node is an agent named `node-<id>`. */
export async function metricsRig(db: Db, now: number): Promise<Rig> {
  const time = { now }
  const faults: string[] = []
  const heard: BusEventName[] = []
  const bus = createBus((error) => faults.push(String(error)))
  bus.subscribeAll((name) => heard.push(name))
  const log = { warn: (_: object, text: string) => void faults.push(text), error: (fields: object, text: string) => void faults.push(`${text} ${JSON.stringify(fields)}`) }
  const names = { node: (id: number) => ({ name: `node-${id}`, kind: 'agent' as const }) }
  const metrics = await createMetrics({ db, bus, clock: { now: () => time.now }, log, names }, { startTimer: false })
  /** Bounded: a test's nodes. */
  const made = new Set<number>()
  return {
    metrics, bus, time, heard, faults,
    take(nodeId, one) {
      const take = (): Promise<void> => metrics.ingest(nodeId, { ...one, at: one.at || time.now }, { arrivedAt: time.now, skewMs: 0 })
      // Not asked for again: what comes in one turn is to be ingested in it.
      return made.has(nodeId) ? take() : addNode(db, nodeId).then(() => made.add(nodeId)).then(take)
    },
    async pass(ms) {
      for (let left = ms; left > 0; left -= 1000) {
        time.now += Math.min(1000, left)
        await metrics.tick()
      }
    },
  }
}
