import type { Shown } from './attributes.ts'
import type { NetNode } from './model.ts'

/** A node by what a viewer is told of it. Bounded: gone with the node; one entry for each set of its routes and attributes that is told. */
const seen = new WeakMap<NetNode, Map<string, NetNode>>()

/** The node as a view has it: the same object for the same, so that views can be compared by identity. */
export function seenAs(node: NetNode, routes: readonly string[], { attributes, withoutIPv4 }: Shown): NetNode {
  if (node.routes.length === 0 && !withoutIPv4 && attributes.join() === (node.attributes ?? []).join()) return node
  const known = seen.get(node) ?? new Map<string, NetNode>()
  seen.set(node, known)
  const key = `${routes.join()} ${withoutIPv4 ? 6 : 4} ${attributes.join()}`
  const made = known.get(key) ?? make(node, routes, { attributes, withoutIPv4 })
  known.set(key, made)
  return made
}

function make(node: NetNode, routes: readonly string[], { attributes, withoutIPv4 }: Shown): NetNode {
  const { gone: _, attributes: __, ...rest } = node
  return { ...rest, routes: routes.toSorted(), ...(attributes.length > 0 && { attributes }), ...(withoutIPv4 && { withoutIPv4 }) }
}
