import type { Json } from './capability.ts'
import type { CompiledPolicy, Subject } from './compile.ts'
import { createPolicyIndex, type PolicyIndex } from './network/policy-index.ts'

/** One rule of what may come into a node, in its wire form (spec/coordination.md §5.1): ports or capabilities, never both. */
export type FilterRule = {
  readonly SrcIPs: readonly string[]
  readonly DstPorts?: readonly DstPort[]
  readonly IPProto?: readonly number[]
  readonly CapGrant?: readonly CapGrant[]
}
export type DstPort = { readonly IP: string; readonly Ports: { readonly First: number; readonly Last: number } }
export type CapGrant = { readonly Dsts: readonly string[]; readonly CapMap: Readonly<Record<string, readonly Json[] | null>> }

/** What the filters of all nodes of one network share. */
export type FilterContext = { readonly compiled: CompiledPolicy; readonly index: PolicyIndex }

/**
 * `subjects` are all nodes that count. With `isUp` the companion rule of a relay grant names only relays for which it holds, without
 * all that the grant is for.
 */
export function filterContext(compiled: CompiledPolicy, subjects: readonly Subject[], isUp?: (nodeId: number) => boolean): FilterContext {
  const index = createPolicyIndex(compiled, { companions: isUp === undefined ? 'all' : 'up' })
  for (const { node } of subjects) index.upsert(node, { isShown: true, isUp: isUp?.(node.id) ?? false, isDoubtful: false })
  return { compiled, index }
}

/** The packet filter of one node (spec/policy.md §7), the same whatever the order of grants; also of one that is not of the network. */
export function filterFor({ index }: FilterContext, self: Subject): readonly FilterRule[] {
  return index.node(self.node.id) === self.node ? index.rules(self.node.id) : index.rulesFor(self.node)
}
