import { type CompiledPolicy, type LimitedPolicy, quotaGrants, withoutUsedUp } from '../../../policy/index.ts'
import type { ServiceContext } from '../context.ts'

/** A draft as it would hold now: what was used of a quota this month stays used, for as long as the draft's grant is the same one. */
export function asOfNow({ quotas }: Pick<ServiceContext['network'], 'quotas'>, draft: CompiledPolicy): LimitedPolicy {
  /** Bounded by the grants with a quota. */
  const used = new Map(quotas.uses().map((use) => [use.key, use.used]))
  return withoutUsedUp(draft, new Set(quotaGrants(draft).flatMap(({ key, quota }) => ((used.get(key) ?? 0) >= quota ? [key] : []))))
}
