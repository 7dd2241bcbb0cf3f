import { createScanner } from 'jsonc-parser'

export type TokenKind = 'key' | 'string' | 'comment' | 'punctuation' | 'value' | 'space'
export type Mark = 'error' | 'warning'
/** A run of characters of one line with one look. */
export type Run = { readonly text: string; readonly kind: TokenKind; readonly mark?: Mark }

/** Part of a text to mark, as offsets: `to` is behind its last character. */
export type MarkedSpan = { readonly from: number; readonly to: number; readonly severity: Mark }

// The parser's token kinds: it declares them as a const enum, which single-file compilation cannot read.
const colon = 6
const string = 10
const lineComment = 12
const blockComment = 13
const lineBreak = 14
const trivia = 15
const endOfText = 17
const punctuation: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, colon])

type Token = { readonly from: number; readonly to: number; kind: TokenKind }

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  const scanner = createScanner(text, false)
  let lastString: Token | undefined
  for (let kind: number = scanner.scan(); kind !== endOfText; kind = scanner.scan()) {
    const from = scanner.getTokenOffset()
    const token: Token = { from, to: from + scanner.getTokenLength(), kind: look(kind) }
    tokens.push(token)
    if (kind === string) lastString = token
    else if (kind === colon && lastString !== undefined) lastString.kind = 'key'
    else if (kind !== trivia && kind !== lineBreak) lastString = undefined
  }
  return tokens
}

function look(kind: number): TokenKind {
  if (kind === string) return 'string'
  if (kind === lineComment || kind === blockComment) return 'comment'
  if (kind === trivia || kind === lineBreak) return 'space'
  return punctuation.has(kind) ? 'punctuation' : 'value'
}

/**
 * The lines of a HuJSON text as runs to draw; joined with line breaks they are the text again. Never fails: what is not
 * JSON is drawn as a value. Marks of no width cover the character before them, or the one behind at a line's start.
 */
export function drawnLines(text: string, marks: readonly MarkedSpan[]): Run[][] {
  const spans = marks.map((mark) => (mark.to > mark.from ? mark : { ...mark, ...widened(text, mark.from) }))
  const edges = new Set<number>(spans.flatMap(({ from, to }) => [from, to]))
  const lines: Run[][] = [[]]
  for (const token of tokensOf(text)) {
    let from = token.from
    for (let at = token.from + 1; at <= token.to; at++) {
      if (at < token.to && !edges.has(at)) continue
      push(lines, text.slice(from, at), token.kind, markAt(spans, from))
      from = at
    }
  }
  return lines
}

function widened(text: string, at: number): { from: number; to: number } {
  const before = text[at - 1]
  return before === undefined || before === '\n' || before === '\r' ? { from: at, to: at + 1 } : { from: at - 1, to: at }
}

function markAt(spans: readonly MarkedSpan[], offset: number): Mark | undefined {
  let found: Mark | undefined
  for (const { from, to, severity } of spans) {
    if (offset < from || offset >= to) continue
    if (severity === 'error') return severity
    found = severity
  }
  return found
}

function push(lines: Run[][], text: string, kind: TokenKind, mark: Mark | undefined): void {
  for (const [i, part] of text.split(/\r\n|\n|\r/).entries()) {
    if (i > 0) lines.push([])
    if (part !== '') lines.at(-1)?.push({ text: part, kind, ...(mark === undefined ? {} : { mark }) })
  }
}
