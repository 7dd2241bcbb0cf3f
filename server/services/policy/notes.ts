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
    ...(isSame ? ['This changes nothing for any machine.'] : []),
    ...(mine > 0 ? [mine === 1 ? 'One of your own machines loses something.' : `${mine} of your own machines lose something.`] : []),
  ]
}

function ownAmong(nodes: readonly NetNode[], email: string, ids: readonly number[]): number {
  const lost = new Set(ids)
  return nodes.filter(({ id, owner, tags }) => lost.has(id) && tags.length === 0 && owner?.toLowerCase() === email.toLowerCase()).length
}
