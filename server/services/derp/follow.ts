import type { Millis } from '../../../lib/clock.ts'
import type { DerpRegion } from '../../../netmap/index.ts'
import { systemActor } from '../actor.ts'
import type { ServiceContext } from '../context.ts'
import { fetchMap, type FetchMap } from './fetch-map.ts'
import type { OwnServer } from './own-region.ts'
import { refreshDerpSource } from './refresh-source.ts'
import { allRegions, readDerp, type DerpSource } from './stored.ts'

const everyMs = 24 * 3_600_000
/** After a failure: a source that was away is found again the same day. */
const againMs = 3_600_000
const tickMs = 60_000
/**
 * A stock client whose home goes without a warning still takes it for its home and is off DERP for 20 to 30 s, until it measures again.
 * So a region that is somebody's home is first nobody's new home, and goes when all have left it, or after this time.
 */
const leaveWithinMs = 180_000

/** Whether a source is to be asked again. A clock that was set back does not put it off for ever. */
export function isSourceDue({ url, triedAt, error }: DerpSource, now: Millis): boolean {
  return url !== '' && (triedAt === null || Math.abs(now - triedAt.getTime()) >= (error === '' ? everyMs : againMs))
}

export interface DerpRegions {
  /** Our own server is there, or has another certificate. At once, without the database. */
  setOwn(server: OwnServer, cause: string): void
  /** What a timer calls each minute. Its failures are reported. */
  tick(): Promise<void>
  dispose(): Promise<void>
}

export interface FollowOptions {
  readonly fetch?: FetchMap
  /** False: for a simulated clock. */
  readonly startTimer?: boolean
}

/** Keeps the network's regions as stored, and the source's fresh. */
export async function followDerpRegions(
  ctx: Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'network'>, onError: (error: unknown) => void, { fetch = fetchMap, startTimer = true }: FollowOptions = {},
): Promise<DerpRegions> {
  let stored = await readDerp(ctx.db)
  let own: OwnServer | undefined
  /** Why the stored ones are to be read again; undefined: they are as read. */
  let stale: string | undefined
  let reading: Promise<void> | undefined
  let ticking: Promise<void> | undefined
  const ending = new AbortController()
  const fetchUnlessEnding: FetchMap = async (url) => {
    const got = await fetch(url, ending.signal)
    // What was broken off by us is no failure of the source's.
    ending.signal.throwIfAborted()
    return got
  }

  /** Regions that are gone but for who is still at home there. Bounded: regions that there were; each goes by itself. */
  const leaving = new Map<number, { readonly region: DerpRegion; readonly until: Millis }>()

  function apply(cause: string): void {
    const { regions } = allRegions(stored, own)
    const { derpRegions, nodes } = ctx.network.network()
    const kept = new Set(regions.map(({ id }) => id))
    const homes = new Set(nodes.flatMap(({ homeDerp, online }) => (online ? [homeDerp] : [])))
    const now = ctx.clock.now()
    for (const region of derpRegions) {
      if (!kept.has(region.id) && !leaving.has(region.id)) leaving.set(region.id, { region: { ...region, noHome: true }, until: now + leaveWithinMs })
    }
    for (const [id, { until }] of leaving) if (kept.has(id) || !homes.has(id) || now >= until) leaving.delete(id)
    ctx.network.setDerpRegions([...regions, ...[...leaving.values()].map(({ region }) => region)], cause)
  }

  async function readAgain(): Promise<void> {
    while (stale !== undefined) {
      const cause = stale
      stale = undefined
      try {
        stored = await readDerp(ctx.db)
      } catch (error) {
        // The next tick tries again.
        stale ??= cause
        return onError(error)
      }
      apply(cause)
    }
  }

  function read(): Promise<void> {
    reading ??= readAgain().finally(() => { reading = undefined })
    return reading
  }

  async function look(): Promise<void> {
    await read()
    if (leaving.size > 0) apply('machines have left a DERP region that was removed')
    if (isSourceDue(stored.source, ctx.clock.now())) await refreshDerpSource(ctx, systemActor('Towpath'), fetchUnlessEnding)
    await read()
  }

  function tick(): Promise<void> {
    ticking ??= look().catch((error: unknown) => { if (!ending.signal.aborted) onError(error) }).finally(() => { ticking = undefined })
    return ticking
  }

  const stop = ctx.bus.subscribe('derp.changed', ({ cause }) => {
    stale = cause
    void read()
  })
  const timer = startTimer ? setInterval(() => void tick(), tickMs) : undefined

  return {
    setOwn(server, cause) {
      own = server
      apply(cause)
    },
    tick,
    async dispose() {
      stop()
      clearInterval(timer)
      ending.abort()
      await ticking
      await reading
    },
  }
}
