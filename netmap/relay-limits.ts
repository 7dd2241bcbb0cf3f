import { type CompiledPolicy, type IpFamily, type PolicyNode, relayTerms, type Subject, subjectOf } from '../policy/index.ts'

/** What grants limit for some clients of a relay; an absent member is no limit. */
export type ClientLimits = {
  /** Ascending by id. */
  readonly clients: readonly number[]
  readonly maxSessions?: number
  readonly family?: IpFamily
  /** Bits a second. */
  readonly maxRate?: number
}

/** The limits of those of a relay's clients who have any (spec/policy.md §14): clients with the same share an entry. In the order of `clients`. */
export function relayLimits(policy: CompiledPolicy, relay: PolicyNode, clients: readonly PolicyNode[]): ClientLimits[] {
  const server = subject(policy, relay)
  /** Bounded: clients of one relay. */
  const entries = new Map<string, { readonly limits: Omit<ClientLimits, 'clients'>; readonly clients: number[] }>()
  for (const client of clients) {
    const { maxSessions, family, maxRate } = relayTerms(policy, subject(policy, client), server) ?? {}
    const limits = {
      ...(maxSessions === undefined ? {} : { maxSessions: maxSessions.value }),
      ...(family === undefined ? {} : { family: family.value }),
      ...(maxRate === undefined ? {} : { maxRate: maxRate.value }),
    }
    const key = JSON.stringify(limits)
    if (key === '{}') continue
    const entry = entries.get(key) ?? { limits, clients: [] }
    entry.clients.push(client.id)
    entries.set(key, entry)
  }
  return [...entries.values()].map((entry) => ({ clients: entry.clients, ...entry.limits }))
}

/** Of each policy, and there of each node once. Bounded: gone with the policy and with the node. */
const subjects = new WeakMap<CompiledPolicy, WeakMap<PolicyNode, Subject>>()

function subject(policy: CompiledPolicy, node: PolicyNode): Subject {
  const known = subjects.get(policy) ?? new WeakMap<PolicyNode, Subject>()
  subjects.set(policy, known)
  const made = known.get(node) ?? subjectOf(policy, node)
  known.set(node, made)
  return made
}
