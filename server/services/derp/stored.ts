import { z } from 'zod'
import { derpMap, type DerpRegion } from '../../../netmap/index.ts'
import type { Db, Tx } from '../../db/client.ts'
import { cut, parseDerpMap } from './parse-map.ts'
import { ownRegion, ownRegionId, type OwnServer } from './own-region.ts'

/** Regions from a URL, as last fetched. */
export interface DerpSource {
  /** Empty: none. */
  readonly url: string
  /** The last good ones. */
  readonly regions: readonly DerpRegion[]
  /** What of the last good answer could not be used. */
  readonly leftOut: readonly string[]
  readonly fetchedAt: Date | null
  readonly triedAt: Date | null
  /** Why the last attempt failed; empty: it did not. */
  readonly error: string
}

export interface StoredDerp {
  readonly own: { readonly code: string; readonly name: string }
  /** Ascending by id. */
  readonly saved: readonly DerpRegion[]
  readonly source: DerpSource
}

export const noSource: DerpSource = { url: '', regions: [], leftOut: [], fetchedAt: null, triedAt: null, error: '' }

/** As they lie in the table of settings, regions in the form that stock clients are told; what does not parse counts as not set. */
const keys = { own: 'derpOwn', saved: 'derpRegions', source: 'derpSource' } as const
const ownSchema = z.object({ code: z.string().min(1), name: z.string().min(1) }).catch({ code: 'home', name: 'Home' })
const sourceSchema = z.object({
  url: z.string(), map: z.unknown(), leftOut: z.array(z.string()), fetchedAt: z.iso.datetime().nullable(), triedAt: z.iso.datetime().nullable(), error: z.string(),
})

function regionsOf(map: unknown): readonly DerpRegion[] {
  const read = parseDerpMap(map)
  return read.ok ? read.value.regions : []
}

function sourceOf(value: unknown): DerpSource {
  const read = sourceSchema.safeParse(value)
  if (!read.success) return noSource
  const { url, map, leftOut, fetchedAt, triedAt, error } = read.data
  return { url, regions: regionsOf(map), leftOut, fetchedAt: fetchedAt === null ? null : new Date(fetchedAt), triedAt: triedAt === null ? null : new Date(triedAt), error }
}

export async function readDerp(db: Pick<Db, 'setting'>): Promise<StoredDerp> {
  const rows = new Map((await db.setting.findMany({ where: { key: { in: Object.values(keys) } } })).map(({ key, value }) => [key, value]))
  return { own: ownSchema.parse(rows.get(keys.own)), saved: regionsOf(rows.get(keys.saved)), source: sourceOf(rows.get(keys.source)) }
}

export async function writeOwn(tx: Tx, own: StoredDerp['own']): Promise<void> {
  await tx.setting.upsert({ where: { key: keys.own }, create: { key: keys.own, value: own }, update: { value: own } })
}

export async function writeSaved(tx: Tx, saved: readonly DerpRegion[]): Promise<void> {
  const value = derpMap(saved)
  await tx.setting.upsert({ where: { key: keys.saved }, create: { key: keys.saved, value }, update: { value } })
}

export async function writeSource(tx: Tx, { url, regions, leftOut, fetchedAt, triedAt, error }: DerpSource): Promise<void> {
  const value = { url, map: derpMap(regions), leftOut: [...leftOut], fetchedAt: fetchedAt?.toISOString() ?? null, triedAt: triedAt?.toISOString() ?? null, error }
  await tx.setting.upsert({ where: { key: keys.source }, create: { key: keys.source, value }, update: { value } })
}

export interface AllRegions {
  /** Ours first, then the saved ones, then those of the source; each id once. */
  readonly regions: readonly DerpRegion[]
  /** Those of the source that are used. */
  readonly fromSource: readonly DerpRegion[]
  /** What of the source is not used, and why. */
  readonly leftOut: readonly string[]
}

/** Every region of the network. What people entered here comes before what a URL says. */
export function allRegions({ own, saved, source }: StoredDerp, server: OwnServer | undefined): AllRegions {
  const taken = new Set([ownRegionId, ...saved.map(({ id }) => id)])
  const clashes = source.regions.filter(({ id }) => taken.has(id)).map(({ id }) => `region ${id}: the number is ${id === ownRegionId ? 'that of our own region' : 'taken by a region that was added here'}`)
  const fromSource = source.regions.filter(({ id }) => !taken.has(id))
  return { regions: [...(server === undefined ? [] : [ownRegion(server, own)]), ...saved, ...fromSource], fromSource, leftOut: cut([...clashes, ...source.leftOut]) }
}
