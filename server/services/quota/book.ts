import type { Millis } from '../../../lib/clock.ts'
import {
  chargedGrant, type CompiledPolicy, type LimitedPolicy, monthOf, nextMonthAt, type PolicyNode, type QuotaGrant, quotaGrants, relayTerms, type Subject,
  subjectOf, type TermsGrant, withoutUsedUp,
} from '../../../policy/index.ts'
import type { Charge, QuotaTotal, QuotaUse, SessionTraffic } from './types.ts'

/** From here on agents report each second, so that little is carried beyond a quota. */
const nearShare = 0.9

/** What was used of each quota this month, and what is left of the policy by it. Holds no time of its own: `now` is an argument. */
export class QuotaBook {
  #policy: CompiledPolicy
  #grants: readonly QuotaGrant[]
  #month: string
  /** By grant. Bounded: grants charged in one month. */
  #used: Map<string, number>
  #limited: LimitedPolicy
  /** Of nodes, and there of clients on a relay. Bounded: gone with the node, and all with the policy. */
  #subjects = new WeakMap<PolicyNode, Subject>()
  #terms = new WeakMap<PolicyNode, WeakMap<PolicyNode, readonly TermsGrant[]>>()

  constructor(policy: CompiledPolicy, used: ReadonlyMap<string, number>, now: Millis) {
    this.#policy = policy
    this.#grants = quotaGrants(policy)
    this.#month = monthOf(now)
    this.#used = new Map(used)
    this.#limited = this.#limit(policy)
  }

  /** The policy in force: what was written, without the relays of grants whose quota is used up. The same object until that changes. */
  get policy(): LimitedPolicy {
    return this.#limited
  }

  setPolicy(policy: CompiledPolicy): void {
    this.#policy = policy
    this.#grants = quotaGrants(policy)
    this.#subjects = new WeakMap()
    this.#terms = new WeakMap()
    this.#limited = this.#limit(policy)
  }

  /** Everything that was used in the month of `now`, as stored. */
  load(used: ReadonlyMap<string, number>, now: Millis): void {
    this.#month = monthOf(now)
    this.#used = new Map(used)
    this.#renew()
  }

  /** A new month begins with nothing used. */
  pass(now: Millis): void {
    if (monthOf(now) === this.#month) return
    this.load(new Map(), now)
  }

  /** When used quotas are free again; undefined: there is no quota. */
  nextChange(now: Millis): Millis | undefined {
    return this.#grants.length === 0 ? undefined : nextMonthAt(now)
  }

  /** Which grants pay for what sessions carried; changes nothing, as the database has not taken it yet. */
  charges(sessions: readonly SessionTraffic[], node: (id: number) => PolicyNode | undefined, now: Millis): Charge[] {
    if (this.#grants.length === 0) return []
    const month = monthOf(now)
    /** Bounded: grants with a quota. */
    const charged = new Map<string, number>()
    const used = (key: string): number => (month === this.#month ? this.#used.get(key) ?? 0 : 0) + (charged.get(key) ?? 0)
    for (const { relayId, a, b, bytes } of sessions) {
      const relay = bytes === 0 ? undefined : node(relayId)
      if (relay === undefined) continue
      const grants = [a, b].flatMap((id) => this.#grantsOf(node(id), relay))
      const payer = chargedGrant(grants, used)
      if (payer !== undefined) charged.set(payer.key, (charged.get(payer.key) ?? 0) + bytes)
    }
    return [...charged].map(([key, bytes]) => ({ key, month, bytes }))
  }

  /** What the database has now. */
  took(totals: readonly QuotaTotal[]): void {
    for (const { key, month, bytes } of totals) {
      if (month > this.#month) {
        this.#month = month
        this.#used.clear()
      }
      if (month === this.#month) this.#used.set(key, bytes)
    }
    if (totals.length > 0) this.#renew()
  }

  /** Each grant with a quota, in the order of the document, and what was used of it this month. */
  uses(): QuotaUse[] {
    return this.#grants.map((grant) => ({ ...grant, used: this.#used.get(grant.key) ?? 0 }))
  }

  /** Places of grants of whose quota little is left. */
  near(): number[] {
    return this.uses().filter(({ used, quota }) => used >= quota * nearShare && used < quota).map(({ grantIndex }) => grantIndex)
  }

  /** Whether a relay may soon carry what a quota has no room for. */
  isNear(relay: PolicyNode): boolean {
    return this.#isFor(relay, this.near())
  }

  /** Whether what a relay carries may count. */
  covers(relay: PolicyNode): boolean {
    return this.#isFor(relay, this.#grants.map(({ grantIndex }) => grantIndex))
  }

  #isFor(relay: PolicyNode, grants: readonly number[]): boolean {
    if (grants.length === 0) return false
    const { hits } = this.#subject(relay)
    const wanted = new Set(grants)
    return this.#policy.grants.some((grant) => wanted.has(grant.index) && (grant.self !== undefined || grant.dst.some(({ selector }) => hits[selector] !== 0)))
  }

  #renew(): void {
    const before = this.#limited
    const after = this.#limit(this.#policy)
    const same = before.usedUp?.length === after.usedUp?.length && (before.usedUp ?? []).every((grant) => after.usedUp?.includes(grant))
    if (!same) this.#limited = after
  }

  #limit(policy: CompiledPolicy): LimitedPolicy {
    return withoutUsedUp(policy, new Set(this.uses().filter(({ used, quota }) => used >= quota).map(({ key }) => key)))
  }

  #grantsOf(client: PolicyNode | undefined, relay: PolicyNode): readonly TermsGrant[] {
    if (client === undefined) return []
    const ofRelay = this.#terms.get(relay) ?? new WeakMap<PolicyNode, readonly TermsGrant[]>()
    this.#terms.set(relay, ofRelay)
    const known = ofRelay.get(client) ?? relayTerms(this.#policy, this.#subject(client), this.#subject(relay))?.grants ?? []
    ofRelay.set(client, known)
    return known
  }

  #subject(node: PolicyNode): Subject {
    const known = this.#subjects.get(node) ?? subjectOf(this.#policy, node)
    this.#subjects.set(node, known)
    return known
  }
}
