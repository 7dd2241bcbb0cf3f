import type { Node } from '../syntax.ts'
import type { Style } from './style.ts'
import { beginsLine, breaksIn, containerOf, indentAt, isBlank, type Item, lineEnd, lineStart, nextLine } from './tree.ts'

type Change = { readonly from: number; readonly to: number; readonly text: string }

/** Changes that do not overlap, all of the text as it stands; of two at one place the later one comes first in the result. */
export function applyChanges(text: string, changes: readonly Change[]): string {
  let result = text
  for (const { from, to, text: put } of changes.toSorted((a, b) => b.from - a.from)) result = result.slice(0, from) + put + result.slice(to)
  return result
}

/** Writes an item for a place whose lines begin with `indent`; `ownLine`: nothing stands before it on its line. */
export type Writer = (indent: string, ownLine: boolean) => string

/** Adds an item to a list or object before its item `index`; `lines`: where it is the first, on a line of its own. */
export function insertItem(text: string, node: Node, index: number, item: Writer, style: Style, lines: boolean): string {
  const { items } = containerOf(text, node)
  const next = items[index]
  if (items.length === 0) return insertFirst(text, node, item, style, lines)
  if (next === undefined) return appendItem(text, node, item, style)
  const indent = indentAt(text, next.lead)
  if (!beginsLine(text, next.lead)) return applyChanges(text, [{ from: next.lead, to: next.lead, text: `${item(indent, false)}${style.comma}` }])
  const before = items[index - 1]
  const apart = before === undefined ? isApart(text, next, items[1]) : isApart(text, before, next)
  const put = `${item(indent, true)},${style.eol}${apart ? style.eol : ''}${indent}`
  return applyChanges(text, [{ from: next.lead, to: next.lead, text: put }])
}

/** Whether a blank line stands right above the second of two neighbours. */
function isApart(text: string, first: Item, second: Item | undefined): boolean {
  if (second === undefined || second.lead <= first.trail) return false
  const line = lineStart(text, second.lead)
  return line > first.trail && isBlank(text, lineStart(text, line - 1), line) && breaksIn(text, first.trail, second.lead) > 1
}

function insertFirst(text: string, node: Node, item: Writer, style: Style, lines: boolean): string {
  const { open, close, hasComments } = containerOf(text, node)
  const outer = indentAt(text, open)
  const inner = outer + style.unit
  const comma = style.trailingComma ? ',' : ''
  if (!hasComments) {
    const put = lines ? `${style.eol}${inner}${item(inner, true)}${comma}${style.eol}${outer}` : `${style.bracket}${item(outer, false)}${style.bracket}`
    return applyChanges(text, [{ from: open, to: close, text: put }])
  }
  // A blank line keeps the comments that are there from being taken for the item's own.
  const at = beginsLine(text, close) ? lineStart(text, close) : close
  const put = at === close ? `${style.eol}${inner}${item(inner, true)}${comma}${style.eol}${outer}` : `${style.eol}${inner}${item(inner, true)}${comma}${style.eol}`
  return applyChanges(text, [{ from: at, to: at, text: put }])
}

function appendItem(text: string, node: Node, item: Writer, style: Style): string {
  const { items, close } = containerOf(text, node)
  const last = items.at(-1)
  if (last === undefined) return text
  const hasComma = last.comma !== undefined
  const indent = indentAt(text, last.lead)
  // Behind a comment on the same line, a new one would take it for its own.
  const commented = last.lineComment || (last.comma !== undefined && last.trail > last.comma + 1)
  if (!beginsLine(text, last.lead) && !commented) {
    const put = hasComma ? `${style.comma.slice(1)}${item(indent, false)},` : `${style.comma}${item(indent, false)}`
    return applyChanges(text, [{ from: last.trail, to: last.trail, text: put }])
  }
  const before = items.at(-2)
  const below = nextLine(text, last.trail)
  const belowIsFree = isBlank(text, below, Math.min(lineEnd(text, below), close))
  const apart = before !== undefined && isApart(text, before, last) && belowIsFree
  const own = beginsLine(text, last.lead) ? indent : indentAt(text, node.offset) + style.unit
  const changes = [{ from: last.trail, to: last.trail, text: `${style.eol}${apart ? style.eol : ''}${own}${item(own, true)}${hasComma ? ',' : ''}` }]
  return applyChanges(text, hasComma ? changes : [{ from: last.end, to: last.end, text: ',' }, ...changes].toReversed())
}

/** Takes an item away with its own comments and its comma; the comments of its neighbours stay. */
export function removeItem(text: string, node: Node, index: number): string {
  const { items, open, close } = containerOf(text, node)
  const item = items[index]
  if (item === undefined) return text
  if (items.length === 1 && isBlank(text, open, item.lead) && isBlank(text, item.trail, close)) return applyChanges(text, [{ from: open, to: close, text: '' }])
  const previous = items[index - 1]
  const changes: Change[] = [{ ...removedSpan(text, item, previous, items[index + 1], open, close), text: '' }]
  // The comma before a last item without one was there for it.
  if (index === items.length - 1 && item.comma === undefined && previous?.comma !== undefined) {
    changes.push({ from: previous.comma, to: previous.comma + 1, text: '' })
  }
  return applyChanges(text, changes)
}

function removedSpan(text: string, item: Item, previous: Item | undefined, next: Item | undefined, open: number, close: number): { from: number; to: number } {
  if (beginsLine(text, item.lead) && isBlank(text, item.trail, lineEnd(text, item.trail))) return removedLines(text, item, open, close)
  if (next !== undefined && isBlank(text, item.trail, next.lead) && (previous === undefined || breaksIn(text, item.trail, next.lead) === 0)) {
    return { from: item.lead, to: next.lead }
  }
  // What follows on the line must not come to stand behind a comment that reaches to its end.
  if (previous !== undefined && isBlank(text, previous.trail, item.lead) && !previous.lineComment) return { from: previous.trail, to: item.trail }
  return { from: item.lead, to: item.trail }
}

/** The lines of an item, and one of the two blank ones that would meet. */
function removedLines(text: string, item: Item, open: number, close: number): { from: number; to: number } {
  const from = lineStart(text, item.lead)
  const to = nextLine(text, item.trail)
  const above = from === 0 ? 0 : lineStart(text, from - (text.startsWith('\r\n', from - 2) ? 2 : 1))
  const blankAbove = above > open && isBlank(text, above, from)
  const first = above <= open
  const blankBelow = to < lineStart(text, close) && isBlank(text, to, lineEnd(text, to))
  if (blankBelow && (blankAbove || first)) return { from, to: nextLine(text, to) }
  if (blankAbove && isBlank(text, to, close)) return { from: above, to }
  return { from, to }
}

/** Exchanges an item with the one behind it, each with its own comments. */
export function swapWithNext(text: string, node: Node, index: number, style: Style): string {
  const { items } = containerOf(text, node)
  const first = items[index]
  const second = items[index + 1]
  if (first === undefined || second === undefined) return text
  const head = ({ lead, comma, end }: Item): { from: number; to: number } => ({ from: lead, to: comma ?? end })
  const tail = ({ comma, end, trail }: Item): { from: number; to: number } => ({ from: comma === undefined ? end : comma + 1, to: trail })
  const cut = ({ from, to }: { from: number; to: number }): string => text.slice(from, to)
  /** A comment to the end of its line goes on being one: what follows begins a line. */
  const fitted = (from: Item, at: Item): string => {
    const put = cut(tail(from))
    return from.lineComment && !isBlank(text, at.trail, lineEnd(text, at.trail)) ? `${put}${style.eol}${indentAt(text, at.lead)}` : put
  }
  // From the end: a tail may be empty where the next head begins.
  return applyChanges(text, [
    { ...tail(second), text: fitted(first, second) }, { ...head(second), text: cut(head(first)) },
    { ...tail(first), text: fitted(second, first) }, { ...head(first), text: cut(head(second)) },
  ])
}
