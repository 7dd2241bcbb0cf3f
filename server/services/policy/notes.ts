import type { NetNode } from '../../../netmap/index.ts'
import type { Policy } from '../../../policy/index.ts'
import type { Preview } from '../../../policy/preview/index.ts'
import type { Actor } from '../actor.ts'

type Change = { readonly before: Policy; readonly after: Policy; readonly preview: Preview; readonly nodes: readonly NetNode[]; readonly actor: Actor }

/** What is easily overlooked in a change, as sentences. */
export function previewNotes({ before, after, preview: { gains, loses, totalPaths }, nodes, actor }: Change): string[] {
  const opens = after.grants === undefined && before.grants !== undefined
  const isSame = gains.total === 0 && loses.total === 0 && totalPaths === 0
  const mine = 'email' in actor ? ownAmong(nodes, actor.email, loses.ids) : 0
  return [
    ...(opens ? ['Without "grants" and "acls" every machine reaches every other on every port: write "grants": [] to allow nothing.'] : []),
    ...(isSame ? [sights(before) === sights(after) ? 'This changes nothing for any machine.' : 'This permits nobody anything else: "via" without "ip" only lets machines see routers.'] : []),
    ...(mine > 0 ? [mine === 1 ? 'One of your own machines loses something.' : `${mine} of your own machines lose something.`] : []),
  ]
}

/** Grants that let routers be seen and permit nothing (spec/policy.md §7.7), which the preview has no rows for; as one text, whatever their order. */
function sights({ grants = [] }: Policy): string {
  const texts = (selectors: readonly { readonly text: string }[]): string[] => selectors.map(({ text }) => text).toSorted()
  return [...new Set(grants.flatMap(({ src, dst, via, ip }) => (via.length > 0 && ip.length === 0 ? JSON.stringify([texts(src), texts(dst), texts(via)]) : [])))].toSorted().join('\n')
}

function ownAmong(nodes: readonly NetNode[], email: string, ids: readonly number[]): number {
  const lost = new Set(ids)
  return nodes.filter(({ id, owner, tags }) => lost.has(id) && tags.length === 0 && owner?.toLowerCase() === email.toLowerCase()).length
}
