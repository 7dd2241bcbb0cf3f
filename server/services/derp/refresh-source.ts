import { derpMap } from '../../../netmap/index.ts'
import { TowpathError } from '../../errors/index.ts'
import { authorise, type Actor } from '../actor.ts'
import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { lockSettings } from '../node/tables.ts'
import { fetchMap, type FetchMap } from './fetch-map.ts'
import { listDerpRegions } from './list.ts'
import { parseDerpMap } from './parse-map.ts'
import type { DerpOverview } from './shape.ts'
import { readDerp, writeSource, type DerpSource } from './stored.ts'

/** Asks the URL again. A failure is kept as the source's error, and its last good regions stay. Throws `not-found` when there is none. */
export async function refreshDerpSource(ctx: Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'network'>, actor: Actor, fetch: FetchMap = fetchMap): Promise<DerpOverview> {
  authorise(actor, 'settings:write')
  const { url } = (await readDerp(ctx.db)).source
  if (url === '') throw new TowpathError({ code: 'not-found', text: 'No URL is set that DERP regions come from', fix: 'Set one first' })
  const got = await fetch(url)
  const read = got.ok ? parseDerpMap(got.value) : got
  const now = new Date(ctx.clock.now())
  await withAudit(ctx, actor, async (tx, audit) => {
    await lockSettings(tx)
    const { source } = await readDerp(tx)
    // Another was set while this one was asked.
    if (source.url !== url) return
    const next: DerpSource = read.ok
      ? { url, regions: read.value.regions, leftOut: read.value.leftOut, fetchedAt: now, triedAt: now, error: '' }
      : { ...source, triedAt: now, error: read.reason }
    await writeSource(tx, next)
    if (JSON.stringify(derpMap(source.regions)) !== JSON.stringify(derpMap(next.regions))) {
      audit({
        action: 'derp.refresh', target: { kind: 'derp-source', id: 'source', name: url },
        before: { regions: source.regions.map(({ id }) => id) }, after: { regions: next.regions.map(({ id }) => id) },
      })
    }
  })
  ctx.bus.publish('derp.changed', { cause: `the DERP regions of ${url} changed` })
  return listDerpRegions(ctx, actor)
}
