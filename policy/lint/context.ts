import type { CompiledPolicy, SelectorUse } from '../compile.ts'
import type { Grant, Policy } from '../model.ts'
import { subjectOf } from '../subject.ts'
import type { Node } from '../syntax.ts'
import { treeOf } from '../walk.ts'
import type { LintContext, LintNetwork, LintNode, NodeBits } from './model.ts'

export function lintContext(text: string, policy: Policy, compiled: CompiledPolicy, network: LintNetwork): LintContext {
  const subjects = network.nodes.map((node) => subjectOf(compiled, node))
  /** Bounded by the policy's distinct selectors. */
  const known = new Map<number, NodeBits>()
  const bits = (selector: number): NodeBits => {
    const made = known.get(selector) ?? Uint8Array.from(subjects, ({ hits }) => ((hits[selector] ?? 0) === 0 ? 0 : 1))
    known.set(selector, made)
    return made
  }
  const routers = subjects.filter(({ behind }) => behind.length > 0)
  const written = policy.grants ?? []
  let root: Node | undefined
  const isOfAcl = (grant: Grant | undefined, { origin }: Grant): boolean => grant?.origin.list === 'acls' && origin.list === 'acls' && grant.origin.index === origin.index
  return {
    text, policy, compiled, network, bits,
    tree: () => (root ??= treeOf(text)),
    isBehind: (selector) => routers.some(({ behind }) => (behind[selector] ?? 0) !== 0),
    grants: compiled.grants.flatMap((grant, at) => {
      const as = written[at]
      // The destinations of one acl follow each other.
      return as === undefined ? [] : [{ written: as, compiled: grant, isOneOfMany: isOfAcl(written[at - 1], as) || isOfAcl(written[at + 1], as) }]
    }),
    people: network.people && new Set(network.people.map((email) => email.toLowerCase())),
  }
}

/** The nodes that any of these selectors selects. */
export function union({ bits, network }: Pick<LintContext, 'bits' | 'network'>, uses: readonly SelectorUse[]): NodeBits {
  const [only] = uses
  if (uses.length === 1 && only !== undefined) return bits(only.selector)
  const all = new Uint8Array(network.nodes.length)
  for (const { selector } of uses) {
    const some = bits(selector)
    // A plain loop: this is what costs, for every grant and node.
    for (let at = 0; at < all.length; at++) if (some[at] === 1) all[at] = 1
  }
  return all
}

export function isAny(bits: NodeBits): boolean {
  return bits.includes(1)
}

export function nodesIn({ network }: Pick<LintContext, 'network'>, bits: NodeBits): LintNode[] {
  return network.nodes.filter((_, at) => bits[at] === 1)
}

/** Nodes of anything in `bits` but itself alone. */
export function hasOther(bits: NodeBits, but: number): boolean {
  const first = bits.indexOf(1)
  return first >= 0 && (first !== but || bits.includes(1, first + 1))
}
