import { createScanner } from 'jsonc-parser'
import type { Node } from '../syntax.ts'
import { applyChanges } from './items.ts'
import type { Style } from './style.ts'
import { beginsLine, containerOf, indentAt } from './tree.ts'

// The parser's token kinds, as in tree.ts.
const lineComment = 12
const blockComment = 13
const endOfText = 17

/** The words of the comments in a piece of text, a line of them each. */
export function commentWords(text: string): string {
  const scanner = createScanner(text, false)
  const lines: string[] = []
  for (let kind: number = scanner.scan(); kind !== endOfText; kind = scanner.scan()) {
    const token = text.slice(scanner.getTokenOffset(), scanner.getTokenOffset() + scanner.getTokenLength())
    if (kind === lineComment) lines.push(token.slice(2).trim())
    if (kind === blockComment) lines.push(...token.slice(2, -2).split(/\r\n|\n|\r/).map((line) => line.replace(/^\s*\*?\s?/, '').trim()))
  }
  return lines.join('\n').trim()
}

/** Whether a piece of text has a comment. */
export function hasComment(text: string): boolean {
  const scanner = createScanner(text, false)
  for (let kind: number = scanner.scan(); kind !== endOfText; kind = scanner.scan()) if (kind === lineComment || kind === blockComment) return true
  return false
}

/** A comment as it stands above an item whose line begins with `indent`, or before it on its line; ends where the item begins. */
export function writeComment(words: string, style: Style, indent: string, ownLine: boolean): string {
  const trimmed = words.trim()
  if (!ownLine) return inlineComment(trimmed)
  return trimmed === '' ? '' : trimmed.split(/\r\n|\n|\r/).map((line) => `${`// ${line.trim()}`.trimEnd()}${style.eol}${indent}`).join('')
}

/** Sets the comment of an item; the same words change nothing, no words take it away. */
export function setComment(text: string, node: Node, index: number, words: string, style: Style): string {
  const item = containerOf(text, node).items[index]
  if (item === undefined || commentWords(text.slice(item.lead, item.start)) === words.trim()) return text
  const { lead: from, start: to } = item
  const put = writeComment(words, style, indentAt(text, from), beginsLine(text, from))
  return applyChanges(text, [{ from, to, text: put }])
}

function inlineComment(words: string): string {
  const line = words.replace(/\s*(\r\n|\n|\r)\s*/g, ' ').replaceAll('*/', '* /')
  return line === '' ? '' : `/* ${line} */ `
}
