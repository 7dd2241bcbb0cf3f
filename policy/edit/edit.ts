import { fail, ok, type Result } from '../../lib/result.ts'
import type { Json } from '../capability.ts'
import { memberOf, membersOf } from '../shape.ts'
import type { Node } from '../syntax.ts'
import { jsonOf, treeOf } from '../walk.ts'
import { setComment, writeComment } from './comment.ts'
import { insertItem, removeItem, swapWithNext, type Writer } from './items.ts'
import { mergeAt } from './merge.ts'
import { renameEverywhere } from './rename.ts'
import { maxWidth, type Style, styleOf } from './style.ts'
import { breaksIn, containerOf, lineEnd, lineStart } from './tree.ts'
import { unfoldLong } from './unfold.ts'
import { write, writeMember } from './write.ts'

/** The lists of a document that forms edit. */
export type ListName = 'grants' | 'acls' | 'tests'
/** Its objects from a name to what it stands for. */
export type Definitions = 'groups' | 'tagOwners' | 'hosts' | 'ipsets'

/** A change of a document as a form makes it. Entries of a list are meant by their place in it, from 0. */
export type PolicyEdit =
  /** `at`: before the entry that is there now; absent: at the end. */
  | { readonly kind: 'add'; readonly list: ListName; readonly at?: number; readonly value: { readonly [key: string]: Json }; readonly comment?: string }
  /** Members by name; null takes one away, and those not named stay. `comment`: the words above; empty: none. */
  | { readonly kind: 'set'; readonly list: ListName; readonly index: number; readonly members: { readonly [key: string]: Json }; readonly comment?: string }
  | { readonly kind: 'remove'; readonly list: ListName; readonly index: number }
  | { readonly kind: 'move'; readonly list: ListName; readonly index: number; readonly to: number }
  | { readonly kind: 'duplicate'; readonly list: ListName; readonly index: number }
  /** Adds a name or changes what it stands for. */
  | { readonly kind: 'define'; readonly of: Definitions; readonly name: string; readonly value: Json; readonly comment?: string }
  | { readonly kind: 'undefine'; readonly of: Definitions; readonly name: string }
  /** Also wherever the document refers to it. */
  | { readonly kind: 'rename'; readonly of: Definitions; readonly name: string; readonly to: string }

/** Makes one edit. All comments and all formatting outside of what changes stay; fails when the text is not HuJSON or has no such place. */
export function applyEdit(text: string, edit: PolicyEdit): Result<string, string> {
  const root = treeOf(text)
  if (root?.type !== 'object') return fail('The text has an error that hides its structure: correct it first.')
  const style = styleOf(text, root)
  switch (edit.kind) {
    case 'define': return define(text, root, edit, style)
    case 'undefine': {
      const names = memberOf(root, [edit.of])?.value
      const found = memberOf(names, [edit.name], true)
      return names === undefined || found === undefined ? missing(edit.name) : ok(removeItem(text, names, found.index))
    }
    case 'rename': {
      const names = memberOf(root, [edit.of])?.value
      if (memberOf(names, [edit.name], true) === undefined) return missing(edit.name)
      if (memberOf(names, [edit.to], true) !== undefined) return fail(`"${edit.to}" is there already.`)
      return ok(renameEverywhere(text, root, edit.of, edit.name, edit.to))
    }
    case 'add': return add(text, root, edit, style)
    default: return change(text, root, edit, style)
  }
}

function missing(name: string): Result<never, string> {
  return fail(`"${name}" is not in the text any more.`)
}

function define(text: string, root: Node, { of, name, value, comment }: Extract<PolicyEdit, { kind: 'define' }>, style: Style): Result<string, string> {
  const found = memberOf(root, [of])
  if (found === undefined) {
    return ok(insertItem(text, root, root.children?.length ?? 0, (indent) => writeMember(of, { [name]: value }, style, indent, true), style, true))
  }
  if (found.value.type !== 'object') return fail(`"${found.key}" must be an object.`)
  const known = memberOf(found.value, [name], true)
  if (known === undefined) {
    const member: Writer = (indent, ownLine) => writeComment(comment ?? '', style, indent, ownLine) + writeMember(name, value, style, indent)
    return ok(insertItem(text, found.value, found.value.children?.length ?? 0, member, style, true))
  }
  const commented = comment === undefined ? text : setComment(text, found.value, known.index, comment, style)
  return ok(mergeAt(commented, [found.key, name], value, style))
}

function add(text: string, root: Node, { list, at, value, comment = '' }: Extract<PolicyEdit, { kind: 'add' }>, style: Style): Result<string, string> {
  const found = memberOf(root, [list])
  if (found === undefined) {
    const entry = (indent: string): string => {
      const inner = indent + style.unit
      const put = writeComment(comment, style, inner, true) + write(value, style, inner)
      return `"${list}"${style.colon}[${style.eol}${inner}${put}${style.trailingComma ? ',' : ''}${style.eol}${indent}]`
    }
    return ok(insertItem(text, root, root.children?.length ?? 0, entry, style, true))
  }
  if (found.value.type !== 'array') return fail(`"${found.key}" must be a list.`)
  const { items } = containerOf(text, found.value)
  const index = Math.min(Math.max(at ?? items.length, 0), items.length)
  const neighbour = items[index - 1] ?? items[index]
  const lines = neighbour !== undefined && breaksIn(text, neighbour.start, neighbour.end) > 0
  const entry: Writer = (indent, ownLine) => writeComment(comment, style, indent, ownLine) + write(value, style, indent, indent.length, lines)
  return ok(insertItem(text, found.value, index, entry, style, true))
}

function change(text: string, root: Node, edit: Exclude<PolicyEdit, { kind: 'add' | 'define' | 'undefine' | 'rename' }>, style: Style): Result<string, string> {
  const found = memberOf(root, [edit.list])
  const entries = found?.value.type === 'array' ? found.value.children ?? [] : []
  const entry = entries[edit.index]
  if (found === undefined || entry === undefined) return fail('This entry is not in the text any more.')
  switch (edit.kind) {
    case 'remove': return ok(removeItem(text, found.value, edit.index))
    case 'move': return move(text, edit.list, edit.index, Math.min(Math.max(edit.to, 0), entries.length - 1), style)
    case 'duplicate': {
      const item = containerOf(text, found.value).items[edit.index]
      const copy = item === undefined ? '' : text.slice(item.lead, item.end)
      return ok(insertItem(text, found.value, edit.index + 1, () => copy, style, true))
    }
    case 'set': {
      if (entry.type !== 'object') return fail('This entry is not an object.')
      const commented = edit.comment === undefined ? text : setComment(text, found.value, edit.index, edit.comment, style)
      const merged = mergeAt(commented, [found.key, edit.index], withMembers(entry, edit.members), style)
      const fitted = breaksIn(text, entry.offset, entry.offset + entry.length) === 0 && lineEnd(text, entry.offset) - lineStart(text, entry.offset) <= maxWidth
      return ok(merged === commented || !fitted ? merged : unfoldLong(merged, [found.key, edit.index], style))
    }
  }
}

function move(text: string, list: ListName, from: number, to: number, style: Style): Result<string, string> {
  let current = text
  const direction = Math.sign(to - from)
  for (let at = from; at !== to; at += direction) {
    const node = memberOf(treeOf(current), [list])?.value
    if (node === undefined) return fail('This entry cannot be moved by a form: move it in the text.')
    current = swapWithNext(current, node, Math.min(at, at + direction), style)
  }
  return ok(current)
}

/** The order in which members are written. */
const memberOrder = ['action', 'proto', 'src', 'users', 'dst', 'ports', 'ip', 'app', 'via', 'accept', 'deny', 'relay']
/** Old names that acls may have (spec/policy.md §6). */
const oldNames: Readonly<Record<string, string>> = { src: 'users', dst: 'ports' }

/** An object's value with some members set, keys written as they are. */
function withMembers(entry: Node, members: { readonly [key: string]: Json }): { readonly [key: string]: Json } {
  const value = new Map<string, Json>(membersOf(entry).map(({ key, value: member }) => [key, jsonOf(member)]))
  for (const [name, member] of Object.entries(members)) {
    const old = oldNames[name]
    const key = memberOf(entry, old === undefined ? [name] : [name, old])?.key
    if (member === null) value.delete(key ?? name)
    else if (key !== undefined) value.set(key, member)
    else insertOrdered(value, name, member)
  }
  return Object.fromEntries(value)
}

function insertOrdered(value: Map<string, Json>, name: string, member: Json): void {
  const rank = memberOrder.indexOf(name)
  const entries = [...value]
  const after = entries.findLastIndex(([key]) => memberOrder.indexOf(key.toLowerCase()) < rank)
  value.clear()
  for (const [key, one] of [...entries.slice(0, after + 1), [name, member] as const, ...entries.slice(after + 1)]) value.set(key, one)
}
