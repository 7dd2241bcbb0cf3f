import type { Millis } from '../../../lib/clock.ts'
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

  function apply(cause: string): void {
    ctx.network.setDerpRegions(allRegions(stored, own).regions, cause)
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
