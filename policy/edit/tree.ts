import { createScanner } from 'jsonc-parser'
import type { Node } from '../syntax.ts'

// The parser's token kinds: it declares them as a const enum, which single-file compilation cannot read.
const comma = 5
const lineComment = 12
const blockComment = 13
const lineBreak = 14
const endOfText = 17

/** An element of a list or a member of an object, with what belongs to it. Offsets into the text. */
export type Item = {
  readonly node: Node
  /** Where its own comments begin: those above it without a blank line between; its start when it has none. */
  readonly lead: number
  readonly start: number
  readonly end: number
  readonly comma: number | undefined
  /** The end with its comma and the comments behind that on the same line. */
  readonly trail: number
  /** Whether what stands from `end` to `trail` ends with a comment that reaches to the end of its line. */
  readonly lineComment: boolean
}

/** A list or an object: its items, and where its inside begins and ends. */
export type Container = { readonly open: number; readonly close: number; readonly items: readonly Item[]; readonly hasComments: boolean }

type Span = { readonly from: number; readonly to: number; readonly line: boolean }
type Gap = { readonly comma: number | undefined; readonly tail: number; readonly tailIsLine: boolean; readonly comments: readonly Span[] }

/** What stands between two items: a comma, the comments that stay with the line of what was before, and the others. */
function gapOf(text: string, from: number, to: number, isLast: boolean): Gap {
  const scanner = createScanner(text, false)
  scanner.setPosition(from)
  let found: number | undefined
  let tail = from
  let tailIsLine = false
  let sameLine: Span[] = []
  let onLine = true
  const comments: Span[] = []
  for (let kind: number = scanner.scan(); kind !== endOfText && scanner.getTokenOffset() < to; kind = scanner.scan()) {
    const span = { from: scanner.getTokenOffset(), to: scanner.getTokenOffset() + scanner.getTokenLength(), line: kind === lineComment }
    if (kind === comma) {
      // Comments before the comma belong to what it ends.
      found = span.from
      tail = span.to
      tailIsLine = false
      sameLine = []
      comments.length = 0
      onLine = true
    } else if (kind === lineBreak) {
      if (onLine) take()
      onLine = false
    } else if (kind === lineComment || kind === blockComment) (onLine ? sameLine : comments).push(span)
  }
  if (onLine && isLast) take()
  else if (onLine) comments.push(...sameLine)
  return { comma: found, tail, tailIsLine, comments }

  function take(): void {
    const last = sameLine.at(-1)
    if (last === undefined) return
    tail = last.to
    tailIsLine = last.line
    sameLine = []
  }
}

/** Where the comments begin that stand right above `start`. */
function leadOf(text: string, comments: readonly Span[], start: number): number {
  let lead = start
  for (const { from, to } of comments.toReversed()) {
    if (breaksIn(text, to, lead) > 1) break
    lead = from
  }
  return lead
}

export function containerOf(text: string, node: Node): Container {
  const open = node.offset + 1
  const close = node.offset + node.length - 1
  const children = node.children ?? []
  let gap = gapOf(text, open, children[0]?.offset ?? close, children.length === 0)
  const hasComments = children.length === 0 && (gap.comments.length > 0 || gap.tail > open)
  const items = children.map((child, i): Item => {
    const end = child.offset + child.length
    const lead = leadOf(text, gap.comments, child.offset)
    const next = children[i + 1]
    gap = gapOf(text, end, next?.offset ?? close, next === undefined)
    return { node: child, lead, start: child.offset, end, comma: gap.comma, trail: gap.tail, lineComment: gap.tailIsLine }
  })
  return { open, close, items, hasComments }
}

/** How many line breaks a piece of text has; `\r\n` is one. */
export function breaksIn(text: string, from: number, to: number): number {
  return text.slice(from, to).match(/\r\n|\n|\r/g)?.length ?? 0
}

export function isBlank(text: string, from: number, to: number): boolean {
  return text.slice(from, to).trim() === ''
}

/** Where the line of an offset begins. */
export function lineStart(text: string, offset: number): number {
  let at = offset
  while (at > 0 && text[at - 1] !== '\n' && text[at - 1] !== '\r') at--
  return at
}

/** Where the line of an offset ends, without its line break. */
export function lineEnd(text: string, offset: number): number {
  let at = offset
  while (at < text.length && text[at] !== '\n' && text[at] !== '\r') at++
  return at
}

/** Where the next line begins. */
export function nextLine(text: string, offset: number): number {
  const end = lineEnd(text, offset)
  return text.startsWith('\r\n', end) ? end + 2 : Math.min(end + 1, text.length)
}

/** The white space that the line of an offset begins with. */
export function indentAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, offset), offset))?.[0] ?? ''
}

/** Whether nothing but white space stands before an offset on its line. */
export function beginsLine(text: string, offset: number): boolean {
  return isBlank(text, lineStart(text, offset), offset)
}
