export const roles = ['owner', 'admin', 'viewer'] as const
export type Role = (typeof roles)[number]

/** Who a request comes from. The verbs' actor is made of it (server/trpc), with scopes that the verbs know. */
export type Identity =
  | { readonly kind: 'user'; readonly id: string; readonly name: string; readonly email: string; readonly role: Role; readonly ip: string | null }
  | { readonly kind: 'token'; readonly id: string; readonly name: string; readonly role: Role; readonly scopes: readonly string[]; readonly ip: string | null }

/** A role as stored; anything unknown is the least of them. */
export function readRole(text: unknown): Role {
  return roles.find((role) => role === text) ?? 'viewer'
}
