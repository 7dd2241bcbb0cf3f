'use client'
import { useMe } from '../shell/me.tsx'

/** Why the viewer of the page cannot do this, as a sentence; undefined: they can. What is blocked is shown, disabled, with this reason. */
export function useBlocked(right: 'write' | 'people' = 'write'): string | undefined {
  const me = useMe()
  if (me.can(right)) return undefined
  return right === 'people' ? 'Only an owner of this network may do this.' : 'Your role is viewer: ask an owner or admin of this network.'
}
