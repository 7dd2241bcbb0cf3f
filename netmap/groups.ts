import { type CompiledPolicy, isRelayGranted, seeEachOther, type Subject } from '../policy/index.ts'

/** How two groups stand to each other, seen from the first. */
type Relation = { readonly sees: boolean; readonly uses: boolean; readonly serves: boolean }

/** Nodes that no rule of a policy tells apart: what holds between two of them holds between all of their groups. */
export type Group = {
  readonly subject: Subject
  /** To other groups, as far as it was asked for. Bounded: gone with the groups. */
  readonly relations: WeakMap<Group, Relation>
}

/** The groups of one policy by what tells them apart. Those without a member are dropped with the next change. */
export type Groups = ReadonlyMap<string, Group>

/** Of each subject once. Bounded: gone with the subject. */
const keys = new WeakMap<Subject, string>()

export function groupKey(subject: Subject): string {
  const known = keys.get(subject) ?? `${subject.hits.join()} ${subject.addresses.map(({ family }) => family).join()} ${(subject.node.routes ?? []).join()}`
  keys.set(subject, known)
  return known
}

export function relation(policy: CompiledPolicy, group: Group, other: Group): Relation {
  const known = group.relations.get(other)
  if (known !== undefined) return known
  const [a, b] = [group.subject, other.subject]
  const made = { sees: seeEachOther(policy, a, b), uses: isRelayGranted(policy, a, b), serves: isRelayGranted(policy, b, a) }
  group.relations.set(other, made)
  return made
}
