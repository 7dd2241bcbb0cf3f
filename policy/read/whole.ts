import type { Node } from '../syntax.ts'
import type { Reporter } from '../problem.ts'
import { spanOf } from '../shape.ts'

const directionMark = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/
const loneSurrogate = /\p{Surrogate}/u

/**
 * What holds for the whole document, whatever a part of it means (spec/policy.md §1): no key twice in one object, and no escapes in
 * strings that stand for what the text may not contain. The depth is bounded before.
 */
export function checkWhole(node: Node, report: Reporter): void {
  switch (node.type) {
    case 'object': return checkObject(node, report)
    case 'array':
      for (const child of node.children ?? []) checkWhole(child, report)
      return
    case 'string': return checkString(node, report)
    case 'number':
      if (!Number.isFinite(node.value)) report.error(spanOf(node), 'invalid-value', 'This number is too large.')
  }
}

function checkObject(node: Node, report: Reporter): void {
  const seen = new Set<string>()
  for (const { children: [keyNode, value] = [] } of node.children ?? []) {
    if (keyNode === undefined) continue
    const key = String(keyNode.value)
    if (seen.has(key)) report.error(spanOf(keyNode), 'duplicate-key', `The key "${key}" occurs twice in this object.`)
    seen.add(key)
    checkString(keyNode, report)
    if (value !== undefined) checkWhole(value, report)
  }
}

function checkString(node: Node, report: Reporter): void {
  const text = String(node.value)
  // Without an escape it is as the text, which was looked at.
  if (node.length === text.length + 2) return
  if (directionMark.test(text)) report.error(spanOf(node), 'encoding', 'This string contains a direction mark, which makes text read otherwise than it is.')
  if (loneSurrogate.test(text)) report.error(spanOf(node), 'encoding', 'This string contains half a character.')
}
