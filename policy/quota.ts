import { type GrantLine, letsUseRelay, lineOf } from './access.ts'
import { relayCapability } from './capability.ts'
import type { CompiledGrant, CompiledPolicy, Subject } from './compile.ts'
import { keepRelayKeys, relayKeys } from './relay-key.ts'
import { grantTerms, type TermsGrant } from './relay-terms.ts'

/** A grant of relays with a quota, in bytes a month. */
export type QuotaGrant = GrantLine & { readonly key: string; readonly quota: number }

/** A policy in which grants give no relay any more, as their quota is used up. */
export type LimitedPolicy = CompiledPolicy & {
  readonly usedUp?: readonly CompiledGrant[]
  /** What it was made of. */
  readonly written?: CompiledPolicy
}

/** Each grant that has a quota, in the order of the document. */
export function quotaGrants(compiled: CompiledPolicy): QuotaGrant[] {
  return [...relayKeys(compiled)].flatMap(([grant, key]) => {
    const { quota } = grantTerms(grant)
    return quota === undefined ? [] : [{ ...lineOf(grant), key, quota }]
  })
}

/** The policy while the quotas of these grants are used up: they give no relay, and all else that they give. The same policy when there are none. */
export function withoutUsedUp(compiled: CompiledPolicy, used: ReadonlySet<string>): LimitedPolicy {
  const keys = relayKeys(compiled)
  const usedUp = compiled.grants.filter((grant) => used.has(keys.get(grant) ?? ''))
  if (usedUp.length === 0) return compiled
  const gone = new Set(usedUp)
  const limited: LimitedPolicy = { ...compiled, usedUp, written: compiled, grants: compiled.grants.map((grant) => (gone.has(grant) ? withoutRelay(grant) : grant)) }
  keepRelayKeys(limited, keys)
  return limited
}

function withoutRelay(grant: CompiledGrant): CompiledGrant {
  return { ...grant, app: new Map([...grant.app].filter(([name]) => name !== relayCapability)) }
}

/** The grants that would let `client` use `relay`, were their quotas not used up. */
export function usedUpGrants({ usedUp = [] }: LimitedPolicy, client: Subject, relay: Subject): (GrantLine & { readonly quota: number })[] {
  return usedUp.filter((grant) => letsUseRelay(grant, client, relay)).map((grant) => ({ ...lineOf(grant), quota: grantTerms(grant).quota ?? 0 }))
}

/**
 * Which of the grants that a session stands by is charged for what it carries: none when one of them has no quota, else the first
 * in the document that has room, else the last, whose quota was used up last.
 */
export function chargedGrant(grants: readonly TermsGrant[], used: (key: string) => number): TermsGrant | undefined {
  if (grants.some(({ quota }) => quota === undefined)) return undefined
  const inOrder = grants.toSorted((a, b) => a.grantIndex - b.grantIndex)
  return inOrder.find(({ key, quota = 0 }) => used(key) < quota) ?? inOrder.at(-1)
}
