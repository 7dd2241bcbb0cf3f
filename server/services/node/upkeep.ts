import type { Millis } from '../../../lib/clock.ts'
import { TowpathError } from '../../errors/index.ts'
import { systemActor } from '../actor.ts'
import type { ServiceContext } from '../context.ts'
import { removeNode } from './remove.ts'

/** An ephemeral node that lost its channel has this long to come back. */
const ephemeralMs = 60_000
/** A machine that asked to join and went is forgotten. */
const pendingMs = 24 * 3_600_000
const sweepEveryMs = 5000
/** How exact "last seen" is for a node that is connected. */
const seenEveryMs = 60_000

type UpkeepContext = Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'network'>

export interface NodeUpkeep {
  /** What a timer calls each few seconds. Its failures are reported. */
  tick(): Promise<void>
  dispose(): Promise<void>
}

/** Writes down when nodes were last seen, and removes those that are not to stay. `startTimer: false` for a simulated clock. */
export function createNodeUpkeep(ctx: UpkeepContext, onError: (error: unknown) => void, { startTimer = true } = {}): NodeUpkeep {
  const actor = systemActor('Towpath')
  const startedAt = ctx.clock.now()
  let seenAt: Millis = startedAt
  let running: Promise<void> | undefined

  async function seen(ids: readonly number[]): Promise<void> {
    if (ids.length > 0) await ctx.db.node.updateMany({ where: { id: { in: [...ids] } }, data: { lastSeen: new Date(ctx.clock.now()) } })
  }

  async function sweep(): Promise<void> {
    const now = ctx.clock.now()
    if (Math.abs(now - seenAt) >= seenEveryMs) {
      seenAt = now
      await seen(ctx.network.network().nodes.flatMap(({ id }) => (ctx.network.isOnline(id) ? [id] : [])))
      await ctx.db.retiredAddress.deleteMany({ where: { freeAt: { lte: new Date(now) } } })
    }
    // Those who were cut off with us have as long as others.
    if (now - startedAt < ephemeralMs) return
    const gone = await ctx.db.node.findMany({
      where: { OR: [{ ephemeral: true, lastSeen: { lte: new Date(now - ephemeralMs) } }, { authorized: false, lastSeen: { lte: new Date(now - pendingMs) } }] },
      select: { id: true, ephemeral: true }, take: 1000,
    })
    for (const { id, ephemeral } of gone) {
      if (ctx.network.isOnline(id)) continue
      await removeNode(ctx, actor, id, ephemeral ? 'it is ephemeral and was gone for a minute' : 'it waited for approval and was gone for a day').catch((error: unknown) => {
        if (!(error instanceof TowpathError)) throw error
      })
    }
  }

  function tick(): Promise<void> {
    running ??= sweep().catch(onError).finally(() => { running = undefined })
    return running
  }

  const stop = ctx.bus.subscribe('node.presence', ({ nodeId, online }) => {
    if (!online) seen([nodeId]).catch(onError)
  })
  const timer = startTimer ? setInterval(() => void tick(), sweepEveryMs) : undefined
  return {
    tick,
    async dispose() {
      clearInterval(timer)
      stop()
      await running
    },
  }
}
