import type { z } from 'zod'
import { TowpathError } from '../../errors/index.ts'
import { authorise, type Actor } from '../actor.ts'
import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { lockSettings } from '../node/tables.ts'
import { fetchMap, type FetchMap } from './fetch-map.ts'
import { listDerpRegions } from './list.ts'
import { parseDerpMap } from './parse-map.ts'
import { setDerpSourceSchema, type DerpOverview } from './shape.ts'
import { noSource, readDerp, writeSource, type DerpSource } from './stored.ts'

type SourceContext = Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'network'>

/** Takes regions from a URL, fetched at once; an empty one ends it, and its regions. What cannot be fetched or read is refused, and all stays as it was. */
export async function setDerpSource(ctx: SourceContext, actor: Actor, input: z.input<typeof setDerpSourceSchema>, fetch: FetchMap = fetchMap): Promise<DerpOverview> {
  authorise(actor, 'settings:write')
  const { url } = setDerpSourceSchema.parse(input)
  const next = url === '' ? noSource : await firstFetch(ctx, url, fetch)
  await withAudit(ctx, actor, async (tx, audit) => {
    await lockSettings(tx)
    const { source } = await readDerp(tx)
    await writeSource(tx, next)
    if (source.url !== url) audit({ action: 'derp.set-source', target: { kind: 'derp-source', id: 'source', name: url || source.url }, before: { url: source.url }, after: { url } })
  })
  ctx.bus.publish('derp.changed', { cause: url === '' ? 'the DERP regions by URL were removed' : `the DERP regions come from ${url}` })
  return listDerpRegions(ctx, actor)
}

async function firstFetch({ clock }: SourceContext, url: string, fetch: FetchMap): Promise<DerpSource> {
  const got = await fetch(url)
  const read = got.ok ? parseDerpMap(got.value) : got
  if (!read.ok) throw new TowpathError({ code: 'invalid', text: `${url} gives no DERP regions: ${read.reason}`, fix: 'Give the address of a DERP map in JSON that this control plane reaches', path: 'url' })
  const now = new Date(clock.now())
  return { url, regions: read.value.regions, leftOut: read.value.leftOut, fetchedAt: now, triedAt: now, error: '' }
}
