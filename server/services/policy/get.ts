import { authorise, type Actor } from '../actor.ts'
import type { ServiceContext } from '../context.ts'
import { newestPolicy, policyDocument } from './document.ts'
import type { PolicyDocument } from './shape.ts'

/** The policy in force. */
export async function getPolicy({ db }: Pick<ServiceContext, 'db'>, actor: Actor): Promise<PolicyDocument> {
  authorise(actor, 'policy:read')
  return policyDocument(await newestPolicy(db))
}
