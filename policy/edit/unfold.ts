import { nodeAtPath, type Path, treeOf } from '../walk.ts'
import { hasComment } from './comment.ts'
import { applyChanges } from './items.ts'
import { maxWidth, type Style } from './style.ts'
import { beginsLine, breaksIn, indentAt, lineEnd, lineStart } from './tree.ts'
import { spread } from './write.ts'

/** Breaks an object that stands on one line and passes the width: a member on each line, each as it is written. */
export function unfoldLong(text: string, path: Path, style: Style): string {
  const node = nodeAtPath(treeOf(text), path)
  if (node?.type !== 'object') return text
  const { offset: from, length } = node
  const to = from + length
  const width = lineEnd(text, from) - lineStart(text, from)
  if (width <= maxWidth || breaksIn(text, from, to) > 0 || !beginsLine(text, from) || hasComment(text.slice(from, to))) return text
  const members = (node.children ?? []).map((child) => text.slice(child.offset, child.offset + child.length))
  return applyChanges(text, [{ from, to, text: spread(members, '{}', style, indentAt(text, from)) }])
}
