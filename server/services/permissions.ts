import { z } from 'zod'
import type { Role } from './person/shape.ts'

/** What a verb needs, and what an API token is given. */
export const scopeSchema = z.enum([
  'relays:read', 'relays:write', 'machines:read', 'machines:write', 'sessions:read', 'policy:read', 'policy:write',
  'auth-keys:read', 'auth-keys:write', 'activity:read', 'settings:read', 'settings:write', 'people:read', 'people:write', 'tokens:write',
])
export type Scope = z.infer<typeof scopeSchema>
/** What a token can be given: tokens are made and revoked by people alone. */
export const tokenScopeSchema = scopeSchema.exclude(['tokens:write'])
export type TokenScope = z.infer<typeof tokenScopeSchema>

const readScopes: readonly Scope[] = ['relays:read', 'machines:read', 'sessions:read', 'policy:read', 'auth-keys:read', 'activity:read', 'settings:read', 'people:read']
const adminScopes: readonly Scope[] = [...readScopes, 'relays:write', 'machines:write', 'policy:write', 'auth-keys:write', 'settings:write', 'tokens:write']

/** A viewer reads, an admin runs the network, the owner also decides who the people are. */
export const scopesOf: Readonly<Record<Role, readonly Scope[]>> = {
  viewer: readScopes,
  admin: adminScopes,
  owner: [...adminScopes, 'people:write'],
}
