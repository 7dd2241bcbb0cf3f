import type { TokenScope } from '../../../server/trpc/types.ts'

/** Scopes of API tokens in words, in the order of the form. `write` scopes come with what they can change. */
export const scopeWords: readonly { readonly area: string; readonly read?: TokenScope; readonly write?: TokenScope; readonly what: string }[] = [
  { area: 'Relays', read: 'relays:read', write: 'relays:write', what: 'the switch, settings, throughput' },
  { area: 'Machines', read: 'machines:read', write: 'machines:write', what: 'approve, rename, tag, remove' },
  { area: 'Sessions', read: 'sessions:read', what: 'running and ended ones' },
  { area: 'Policy', read: 'policy:read', write: 'policy:write', what: 'the grants' },
  { area: 'Auth keys', read: 'auth-keys:read', write: 'auth-keys:write', what: 'make and revoke' },
  { area: 'Activity', read: 'activity:read', what: 'the audit trail' },
  { area: 'Settings', read: 'settings:read', write: 'settings:write', what: 'name and limits' },
  { area: 'People', read: 'people:read', write: 'people:write', what: 'roles and invitations' },
]

/** "Relays read and write, Sessions read": a token's scopes by area. Unknown ones are named as they are. */
export function scopesText(scopes: readonly string[]): string {
  const known = new Set<string | undefined>(scopeWords.flatMap(({ read, write }) => [read, write]))
  const parts = scopeWords.flatMap(({ area, read, write }) => {
    const can = [...(read !== undefined && scopes.includes(read) ? ['read'] : []), ...(write !== undefined && scopes.includes(write) ? ['write'] : [])]
    return can.length === 0 ? [] : [`${area} ${can.join(' and ')}`]
  })
  return [...parts, ...scopes.filter((scope) => !known.has(scope))].join(', ')
}
