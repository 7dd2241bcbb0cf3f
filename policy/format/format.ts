import { createReporter } from '../problem.ts'
import { parseSyntax } from '../syntax.ts'
import { checkText } from '../text.ts'
import { type Comment, type Item, readDocument, type Value } from './read.ts'

/** The text in order; or the line of the first thing that keeps it from being read. */
export type Formatted = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly line: number }

/** Up to this many columns a list or object stands on one line. */
const maxColumns = 120
const unit = '  '

/**
 * Puts a document in order: two spaces a level, short lists on one line, a comma behind the last of several lines, at most one empty line.
 * Every comment stays, and so does what the document says. Objects that were written over several lines stay so.
 */
export function formatPolicy(text: string): Formatted {
  const report = createReporter(text)
  if (!checkText(text, report) || parseSyntax(text, report) === undefined) return { ok: false, line: report.problems()[0]?.line ?? 1 }
  const { above, blank, value, beside, below } = readDocument(text)
  const lines: string[] = []
  putComments(above, '', lines, true)
  if (blank && above.length > 0) lines.push('')
  putValue({ value, indent: '', prefix: '', suffix: '', beside, depth: 0 }, lines)
  putComments(below, '', lines, false)
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  return { ok: true, text: `${lines.join('\n').replaceAll(/\r\n?|\n/g, eol)}${eol}` }
}

type Put = { readonly value: Value; readonly indent: string; readonly prefix: string; readonly suffix: string; readonly beside: readonly string[]; readonly depth: number }

function putValue({ value, indent, prefix, suffix, beside, depth }: Put, lines: string[]): void {
  const last = (line: string): void => { lines.push([line + suffix, ...beside].join(' ')) }
  const flat = oneLine(value, depth)
  if (flat !== undefined && (value.kind === 'scalar' || `${indent}${prefix}${flat},`.length <= maxColumns)) return last(indent + prefix + flat)
  if (value.kind === 'scalar') return
  const [open, close] = value.kind === 'list' ? ['[', ']'] : ['{', '}']
  lines.push(indent + prefix + open)
  value.items.forEach((item, at) => putItem(item, indent + unit, depth + 1, lines, at === 0))
  putComments(value.end, indent + unit, lines, value.items.length === 0)
  last(indent + close)
}

function putItem({ above, blank, key, value, beside }: Item, indent: string, depth: number, lines: string[], first: boolean): void {
  putComments(above, indent, lines, first)
  if (blank && (!first || above.length > 0)) lines.push('')
  putValue({ value, indent, prefix: key === undefined ? '' : `${key}: `, suffix: ',', beside, depth }, lines)
}

function putComments(comments: readonly Comment[], indent: string, lines: string[], first: boolean): void {
  comments.forEach(({ text, blank }, at) => {
    if (blank && !(first && at === 0)) lines.push('')
    lines.push(indent + text)
  })
}

/** A value on one line; undefined: it takes several, for its comments or because it was written so. */
function oneLine(value: Value, depth: number): string | undefined {
  if (value.kind === 'scalar') return value.text
  const { kind, items, end, broken } = value
  if (items.length === 0) return end.length > 0 ? undefined : kind === 'list' ? '[]' : '{}'
  const holdsOthers = items.some((item) => item.value.kind !== 'scalar')
  // The document, and the rules of a list, are read line by line.
  if (depth === 0 || (depth === 1 && kind === 'list' && holdsOthers)) return undefined
  if (end.length > 0 || (broken && (kind === 'object' || holdsOthers))) return undefined
  const parts: string[] = []
  for (const { above, beside, key, value: inner } of items) {
    const flat = above.length > 0 || beside.length > 0 ? undefined : oneLine(inner, depth + 1)
    if (flat === undefined) return undefined
    parts.push(key === undefined ? flat : `${key}: ${flat}`)
  }
  return kind === 'list' ? `[${parts.join(', ')}]` : `{${parts.join(', ')}}`
}
