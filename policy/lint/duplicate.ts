import type { PlacedSelector } from '../model.ts'
import { selectorKey } from '../selector.ts'
import { removal } from '../removal.ts'
import type { Lint, LintContext } from './model.ts'

/** The same selector twice in one list. */
export const duplicate: Lint = {
  code: 'duplicate',
  find: (context) => listsIn(context).flatMap((list) => {
    const seen = new Map<string, PlacedSelector>()
    return list.flatMap((use) => {
      const first = seen.get(selectorKey(use.selector))
      if (first === undefined) seen.set(selectorKey(use.selector), use)
      // Each destination of an acl is a grant of its own, with the same sources at the same places.
      if (first === undefined || first.place.offset === use.place.offset) return []
      const message = first.text === use.text ? `"${use.text}" stands twice in this list.` : `"${use.text}" is the same as "${first.text}" before it.`
      return [{ span: use.place, message, fix: { label: 'Remove it', ...removal(context.text, use.place), replacement: '' } }]
    })
  }),
}

function listsIn({ policy }: LintContext): (readonly PlacedSelector[])[] {
  return [...policy.groups.values(), ...policy.tagOwners.values(), ...(policy.grants ?? []).flatMap(({ src, dst, via }) => [src, dst, via])]
}
