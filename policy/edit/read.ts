import type { Json } from '../capability.ts'
import { memberOf } from '../shape.ts'
import { jsonOf, treeOf } from '../walk.ts'
import { commentWords } from './comment.ts'
import type { Definitions, ListName } from './edit.ts'
import { containerOf } from './tree.ts'

/** An entry as a form shows it, as it is written. Offsets: `lead` is where its own comments begin. */
export type WrittenEntry = { readonly value: Json; readonly comment: string; readonly lead: number; readonly from: number; readonly to: number }
export type WrittenDefinition = WrittenEntry & { readonly name: string }

/** The entries of a list; empty when the text is not HuJSON or has no such list. `tree`: the text's, where it is known. */
export function entriesOf(text: string, list: ListName, tree = treeOf(text)): WrittenEntry[] {
  const node = memberOf(tree, [list])?.value
  if (node?.type !== 'array') return []
  return containerOf(text, node).items.map(({ node: entry, lead, start, end }) => (
    { value: jsonOf(entry), comment: commentWords(text.slice(lead, start)), lead, from: start, to: end }
  ))
}

/** The names that an object of the document defines. */
export function definitionsOf(text: string, of: Definitions): WrittenDefinition[] {
  const node = memberOf(treeOf(text), [of])?.value
  if (node?.type !== 'object') return []
  return containerOf(text, node).items.flatMap(({ node: { children }, lead, start, end }) => {
    const [key, value] = children ?? []
    if (key === undefined || value === undefined) return []
    return [{ name: String(key.value), value: jsonOf(value), comment: commentWords(text.slice(lead, start)), lead, from: start, to: end }]
  })
}

/** The member of an entry that an offset lies in; undefined: none, or the offset is outside of the entry. */
export function memberAt(text: string, list: ListName, index: number, offset: number): string | undefined {
  const entry = memberOf(treeOf(text), [list])?.value.children?.[index]
  const member = entry?.children?.find((child) => offset >= child.offset && offset <= child.offset + child.length)
  return member === undefined ? undefined : String(member.children?.[0]?.value)
}
