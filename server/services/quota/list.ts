import { monthName, nextMonthAt } from '../../../policy/index.ts'
import { authorise, type Actor } from '../actor.ts'
import type { ServiceContext } from '../context.ts'
import type { QuotaRow } from './shape.ts'

/** Each grant with a quota, in the order of the policy. */
export function listQuotas({ network, clock }: Pick<ServiceContext, 'network' | 'clock'>, actor: Actor): QuotaRow[] {
  authorise(actor, 'policy:read')
  const now = clock.now()
  return network.quotas.uses().map((use) => ({ ...use, month: monthName(now), usedUp: use.used >= use.quota, resetsAt: new Date(nextMonthAt(now)) }))
}
