import { authorise, type Actor } from '../actor.ts'

/** What a policy does is told by the names of machines and by the sessions that run: who may not list these must not learn them from a draft. */
export function authoriseDraft(actor: Actor): void {
  authorise(actor, 'policy:read')
  authorise(actor, 'machines:read')
  authorise(actor, 'sessions:read')
}
