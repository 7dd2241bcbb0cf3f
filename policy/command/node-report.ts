import { relayAccess, seeEachOther } from '../access.ts'
import { attributesOf } from '../attributes.ts'
import { type CompiledPolicy, subjectOf } from '../compile.ts'
import type { LintNode } from '../lint/index.ts'
import { filterContext, filterFor, type FilterRule } from '../rules.ts'

/** A machine, and the lines of the grants that join it with the other. */
type Joined = { readonly name: string; readonly lines: readonly number[] }

/** What a policy gives one machine: what it would be sent, every relay being up. */
export type NodeReport = {
  readonly name: string
  readonly rules: readonly FilterRule[]
  readonly peers: readonly string[]
  readonly attributes: readonly string[]
  /** Relays that it may use, and whom it may serve as one. */
  readonly relays: readonly Joined[]
  readonly serves: readonly Joined[]
}

/** Of those `wanted`, in the order of the network. */
export function nodeReports(compiled: CompiledPolicy, nodes: readonly LintNode[], wanted: (node: LintNode) => boolean = () => true): NodeReport[] {
  const subjects = nodes.map((node) => ({ subject: subjectOf(compiled, node), mayRelay: node.isRelay !== false, isWanted: wanted(node) }))
  const relays = new Set(subjects.filter(({ mayRelay }) => mayRelay).map(({ subject }) => subject.node.id))
  const context = filterContext(compiled, subjects.map(({ subject }) => subject), (id) => relays.has(id))
  return subjects.filter(({ isWanted }) => isWanted).map(({ subject, mayRelay }) => {
    const others = subjects.filter((other) => other.subject !== subject)
    const joined = (list: readonly { readonly name: string; readonly access: ReturnType<typeof relayAccess> }[]): Joined[] =>
      list.flatMap(({ name, access }) => (access.allowed ? [{ name, lines: access.lines.map(({ line }) => line) }] : []))
    return {
      name: subject.node.name,
      rules: filterFor(context, subject),
      peers: others.filter((other) => seeEachOther(compiled, subject, other.subject)).map((other) => other.subject.node.name),
      attributes: attributesOf(compiled, subject),
      relays: joined(others.filter((other) => other.mayRelay).map((other) => ({ name: other.subject.node.name, access: relayAccess(compiled, subject, other.subject) }))),
      serves: mayRelay ? joined(others.map((other) => ({ name: other.subject.node.name, access: relayAccess(compiled, other.subject, subject) }))) : [],
    }
  })
}
