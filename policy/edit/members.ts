import type { Node } from 'jsonc-parser'

/** The member of an object by its name, keys of the language being read without regard to case (spec/policy.md §1). */
export function memberOf(node: Node | undefined, names: readonly string[], exactly = false): { readonly index: number; readonly key: string; readonly value: Node } | undefined {
  for (const [index, property] of (node?.type === 'object' ? node.children ?? [] : []).entries()) {
    const [keyNode, value] = property.children ?? []
    const key = String(keyNode?.value)
    if (value !== undefined && names.some((name) => (exactly ? name === key : name.toLowerCase() === key.toLowerCase()))) return { index, key, value }
  }
  return undefined
}

