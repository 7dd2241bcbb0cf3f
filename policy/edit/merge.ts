import { keptPairs } from '../../lib/line-diff.ts'
import type { Json } from '../capability.ts'
import type { Node } from '../syntax.ts'
import { jsonOf, nodeAtPath, type Path, treeOf } from '../walk.ts'
import { applyChanges, insertItem, removeItem } from './items.ts'
import type { Style } from './style.ts'
import { indentAt, lineStart } from './tree.ts'
import { write, writeMember } from './write.ts'

/** Makes the value at a path equal to another one, leaving all that is equal already as it is written. */
export function mergeAt(text: string, path: Path, value: Json, style: Style): string {
  let current = text
  for (;;) {
    const node = nodeAtPath(treeOf(current), path)
    const next = node && step(current, node, value, style)
    if (next === undefined) return current
    current = next
  }
}

/** Makes the first difference right; undefined: there is none. */
function step(text: string, node: Node, value: Json, style: Style): string | undefined {
  if (sameJson(jsonOf(node), value)) return undefined
  if (node.type === 'array' && Array.isArray(value)) return stepInList(text, node, value, style)
  if (node.type === 'object' && typeof value === 'object' && value !== null && !Array.isArray(value)) return stepInObject(text, node, Object.entries(value), style)
  const put = write(value, style, indentAt(text, node.offset), node.offset - lineStart(text, node.offset))
  return applyChanges(text, [{ from: node.offset, to: node.offset + node.length, text: put }])
}

function stepInObject(text: string, node: Node, members: readonly (readonly [string, Json])[], style: Style): string | undefined {
  const properties = node.children ?? []
  const keys = properties.map(({ children }) => String(children?.[0]?.value))
  const removed = keys.findIndex((key) => !members.some(([name]) => name === key))
  if (removed >= 0) return removeItem(text, node, removed)
  for (const [at, [key, value]] of members.entries()) {
    const member = properties[keys.indexOf(key)]?.children?.[1]
    if (member !== undefined) {
      const next = step(text, member, value, style)
      if (next !== undefined) return next
      continue
    }
    const before = members.slice(0, at).findLast(([name]) => keys.includes(name))
    const place = before === undefined ? 0 : keys.indexOf(before[0]) + 1
    return insertItem(text, node, place, (indent) => writeMember(key, value, style, indent), style, false)
  }
  return undefined
}

function stepInList(text: string, node: Node, wanted: readonly Json[], style: Style): string | undefined {
  const children = node.children ?? []
  const is = children.map(jsonOf)
  const kept = keptPairs(is.map(canonical), wanted.map(canonical))
  let i = 0
  let j = 0
  while (i < is.length && j < wanted.length && kept.get(i) === j) {
    i++
    j++
  }
  const nextKept = [...kept].find(([at]) => at >= i)
  const removes = i < (nextKept?.[0] ?? is.length)
  const adds = j < (nextKept?.[1] ?? wanted.length)
  const child = children[i]
  const value = wanted[j]
  if (removes && adds && child !== undefined && value !== undefined) return step(text, child, value, style)
  if (removes) return removeItem(text, node, i)
  return value === undefined ? undefined : insertItem(text, node, i, (indent) => write(value, style, indent), style, false)
}

function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((one: Json) => canonical(one)).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  return `{${Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`).toSorted().join()}}`
}

export function sameJson(a: Json, b: Json): boolean {
  return canonical(a) === canonical(b)
}
