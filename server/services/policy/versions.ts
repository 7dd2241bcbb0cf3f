import type { z } from 'zod'
import { countChanges, lineChanges } from '../../../lib/line-diff.ts'
import { TowpathError } from '../../errors/index.ts'
import { authorise, type Actor } from '../actor.ts'
import type { ServiceContext } from '../context.ts'
import { policyDocument } from './document.ts'
import { listPolicyVersionsSchema, policyVersionSchema, type PolicyVersionPage, type SavedPolicy } from './shape.ts'

/** Characters of a page's texts that are read to count changed lines. */
const maxChars = 2 << 20

/** Saved policies without their texts, newest first. Every version is kept. */
export async function listPolicyVersions(
  { db }: Pick<ServiceContext, 'db'>, actor: Actor, input: z.input<typeof listPolicyVersionsSchema> = {},
): Promise<PolicyVersionPage> {
  authorise(actor, 'policy:read')
  const { cursor, limit } = listPolicyVersionsSchema.parse(input)
  // One more than is shown: it says that there are older ones, and what the last one shown changed.
  const found = await db.policyVersion.findMany({
    where: cursor ? { id: { lt: cursor } } : {}, orderBy: { id: 'desc' }, take: limit + 1,
    select: { id: true, author: true, message: true, createdAt: true },
  })
  const texts = await textsOf(db, found.map(({ id }) => id))
  const rows = found.slice(0, limit).map(({ id, ...row }, at) => {
    const [text, previous] = [texts.get(id), texts.get(found[at + 1]?.id ?? 0)]
    return { version: id, ...row, lines: text === undefined || previous === undefined ? null : countChanges(lineChanges(previous.split('\n'), text.split('\n'))) }
  })
  return { rows, next: found.length > limit ? (rows.at(-1)?.version ?? null) : null }
}

/** Texts from the newest on, as many as are not too much to read. */
async function textsOf(db: Pick<ServiceContext, 'db'>['db'], ids: readonly number[]): Promise<ReadonlyMap<number, string>> {
  if (ids.length === 0) return new Map()
  const lengths = await db.$queryRaw<{ id: number; chars: number }[]>`SELECT "id", length("text") AS "chars" FROM "PolicyVersion" WHERE "id" = ANY(${[...ids]})`
  /** Bounded by a page. */
  const byId = new Map(lengths.map(({ id, chars }) => [id, chars]))
  let chars = 0
  const read = ids.filter((id) => (chars += byId.get(id) ?? 0) <= maxChars)
  const rows = await db.policyVersion.findMany({ where: { id: { in: read } }, select: { id: true, text: true } })
  return new Map(rows.map(({ id, text }) => [id, text]))
}

/** One saved policy, whole. Throws `not-found`. */
export async function getPolicyVersion({ db }: Pick<ServiceContext, 'db'>, actor: Actor, input: z.input<typeof policyVersionSchema>): Promise<SavedPolicy> {
  authorise(actor, 'policy:read')
  const { version } = policyVersionSchema.parse(input)
  const [found, previous] = await db.policyVersion.findMany({ where: { id: { lte: version } }, orderBy: { id: 'desc' }, take: 2 })
  if (found?.id !== version) throw new TowpathError({ code: 'not-found', text: `There is no version ${version} of the policy`, fix: 'The versions that there are stand in the list of versions', path: 'version' })
  return { ...policyDocument(found), previous: previous?.id ?? null }
}
