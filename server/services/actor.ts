import { TowpathError } from '../errors/index.ts'
import { scopesOf, type Scope } from './permissions.ts'
import type { Role } from './person/shape.ts'

/** Who does it: in every verb's call, and in the audit trail. */
export type Actor =
  | { readonly kind: 'user'; readonly id: string; readonly name: string; readonly email: string; readonly role: Role; readonly ip: string | null }
  /** An API token acts with its scopes, as far as the role of its owner still has them. */
  | { readonly kind: 'token'; readonly id: string; readonly name: string; readonly role: Role; readonly scopes: readonly Scope[]; readonly ip: string | null }
  | { readonly kind: 'agent'; readonly id: string; readonly name: string; readonly ip: string | null }
  | { readonly kind: 'system'; readonly id: 'system'; readonly name: string; readonly ip: null }

export function systemActor(name: string): Actor {
  return { kind: 'system', id: 'system', name, ip: null }
}

export function may(actor: Actor, scope: Scope): boolean {
  switch (actor.kind) {
    case 'system': return true
    // An agent acts through verbs of its own, never through those of people.
    case 'agent': return false
    case 'user': return scopesOf[actor.role].includes(scope)
    case 'token': return actor.scopes.includes(scope) && scopesOf[actor.role].includes(scope)
  }
}

/** Throws `forbidden` unless the actor may. The first line of every verb. */
export function authorise(actor: Actor, scope: Scope): void {
  if (may(actor, scope)) return
  throw new TowpathError({
    code: 'forbidden',
    text: `${actor.name} may not do this: it needs ${scope}`,
    fix: actor.kind === 'token' ? `Make a token with the scope ${scope} in Settings` : 'Ask an owner or admin of this network',
  })
}
