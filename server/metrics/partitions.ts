import type { Millis } from '../../lib/clock.ts'
import type { Db } from '../db/client.ts'
import { resolutions, type Resolution } from './resolution.ts'

/** Partitions made ahead of time: a night without upkeep does no harm. */
const ahead = 2
/** Two instances, or a start beside a job: each waits for the other. */
const lockKey = 0x746f77

/** Start of the first partition that holds anything still kept. */
export function oldestKept({ keepMs, partitionMs }: Resolution, now: Millis): Millis {
  return Math.floor((now - keepMs) / partitionMs) * partitionMs
}

/** `relay_traffic_10s_1764028800`: the start in Unix seconds is in the name. */
function partitionName({ table }: Resolution, start: Millis): string {
  return `${table}_${start / 1000}`
}

/** Makes what is missing from the oldest that is kept to `ahead` of now, and drops what is wholly beyond retention. Returns what it did. */
export async function keepPartitions(db: Db, now: Millis): Promise<{ readonly made: readonly string[]; readonly dropped: readonly string[] }> {
  const made: string[] = []
  const dropped: string[] = []
  // One transaction each: holding the lock of one table while waiting for another could block the writer, and it us.
  for (const resolution of resolutions) {
    const done = await keepTable(db, resolution, now)
    made.push(...done.made)
    dropped.push(...done.dropped)
  }
  return { made, dropped }
}

function keepTable(db: Db, resolution: Resolution, now: Millis): Promise<{ readonly made: readonly string[]; readonly dropped: readonly string[] }> {
  return db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${lockKey})`
    const rows = await tx.$queryRaw<{ name: string }[]>`
      SELECT child.relname::text AS name FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid JOIN pg_class parent ON parent.oid = inhparent
      WHERE parent.relname = ${resolution.table} AND child.relkind = 'r'`
    const existing = new Set(rows.map(({ name }) => name))
    const wanted = new Map(wantedOf(resolution, now))
    const made = [...wanted.keys()].filter((name) => !existing.has(name))
    const dropped = [...existing].filter((name) => isBefore(resolution, name, now))
    for (const name of made) await tx.$executeRawUnsafe(wanted.get(name) ?? '')
    for (const name of dropped) await tx.$executeRawUnsafe(`DROP TABLE ${name}`)
    return { made, dropped }
  }, { timeout: 60_000 })
}

function wantedOf(resolution: Resolution, now: Millis): [string, string][] {
  const { table, partitionMs } = resolution
  const wanted: [string, string][] = []
  for (let start = oldestKept(resolution, now); start <= now + ahead * partitionMs; start += partitionMs) {
    const name = partitionName(resolution, start)
    const [from, to] = [start, start + partitionMs].map((at) => new Date(at).toISOString())
    wanted.push([name, `CREATE TABLE ${name} PARTITION OF ${table} FOR VALUES FROM ('${from}') TO ('${to}')`])
  }
  return wanted
}

/** Only names that we gave: another partition of the operator's is left alone. */
function isBefore(resolution: Resolution, name: string, now: Millis): boolean {
  const [, table, start] = /^(\w+)_(-?\d+)$/.exec(name) ?? []
  return table === resolution.table && Number(start) * 1000 < oldestKept(resolution, now)
}

/** Makes partitions in time for what is written: a control plane's clock may also jump. */
export class Partitions {
  readonly #db: Db
  #madeFor: Millis | undefined

  constructor(db: Db) {
    this.#db = db
  }

  /** Cheap where there is nothing to do. */
  async cover(now: Millis): Promise<void> {
    const checked = this.#madeFor
    const shortest = Math.min(...resolutions.map(({ partitionMs }) => partitionMs))
    if (checked !== undefined && now >= checked && now < checked + shortest) return
    await this.keep(now)
  }

  async keep(now: Millis): Promise<void> {
    await keepPartitions(this.#db, now)
    this.#madeFor = now
  }
}
