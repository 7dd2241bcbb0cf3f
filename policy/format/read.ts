import { createScanner } from 'jsonc-parser'

/** A comment as written; `blank`: an empty line was before it. */
export type Comment = { readonly text: string; readonly blank: boolean }

/** A member of an object or an entry of a list. */
export type Item = {
  readonly above: readonly Comment[]
  readonly blank: boolean
  /** As written, with its quotes; undefined: it is in a list. */
  readonly key: string | undefined
  readonly value: Value
  /** Comments on its last line. */
  readonly beside: readonly string[]
}

export type Value =
  | { readonly kind: 'scalar'; readonly text: string }
  | { readonly kind: 'list' | 'object'; readonly items: readonly Item[]; readonly end: readonly Comment[]; readonly broken: boolean }

export type Document = { readonly above: readonly Comment[]; readonly blank: boolean; readonly value: Value; readonly beside: readonly string[]; readonly below: readonly Comment[] }

// The parser's token kinds: it declares them as a const enum, which single-file compilation cannot read.
const openBrace = 1
const closeBrace = 2
const openBracket = 3
const closeBracket = 4
const comma = 5
const lineComment = 12
const blockComment = 13
const lineBreak = 14
const trivia = 15
const endOfText = 17

/** `breaks`: line breaks between it and what is before it. */
type Token = { readonly kind: number; readonly text: string; readonly breaks: number }

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  const scanner = createScanner(text, false)
  let breaks = 0
  for (let kind: number = scanner.scan(); ; kind = scanner.scan()) {
    const from = scanner.getTokenOffset()
    if (kind === lineBreak) breaks++
    else if (kind !== trivia) {
      tokens.push({ kind, text: text.slice(from, from + scanner.getTokenLength()).trimEnd(), breaks })
      breaks = 0
    }
    if (kind === endOfText) return tokens
  }
}

function isComment({ kind }: Token): boolean {
  return kind === lineComment || kind === blockComment
}

/** Reads a text without syntax errors, with all of its comments. It recurses as deep as the text is nested, which `parseSyntax` bounds. */
export function readDocument(text: string): Document {
  const tokens = tokensOf(text)
  const end: Token = { kind: endOfText, text: '', breaks: 1 }
  let at = 0
  const peek = (ahead = 0): Token => tokens[at + ahead] ?? end

  function comments(): Comment[] {
    const found: Comment[] = []
    for (; isComment(peek()); at++) found.push({ text: peek().text, blank: peek().breaks > 1 })
    return found
  }

  /** Comments that end the line on which something was just read. */
  function beside(): string[] {
    let count = 0
    while (isComment(peek(count)) && peek(count).breaks === 0) count++
    const after = peek(count)
    const found: string[] = []
    if (count === 0 || (after.breaks === 0 && after.kind !== closeBrace && after.kind !== closeBracket && after.kind !== comma && after.kind !== endOfText)) return found
    for (; count > 0; count--, at++) found.push(peek().text)
    return found
  }

  function value(): Value {
    const { kind, text: written } = peek()
    at++
    if (kind !== openBrace && kind !== openBracket) return { kind: 'scalar', text: written }
    const broken = peek().breaks > 0
    const items: Item[] = []
    for (let early: readonly Comment[] = []; ;) {
      const above = [...early, ...comments()]
      if (peek().kind === closeBrace || peek().kind === closeBracket || peek().kind === endOfText) {
        at++
        return { kind: kind === openBrace ? 'object' : 'list', items, end: above, broken }
      }
      const read = item(kind === openBrace, above)
      items.push(read.item)
      early = read.early
    }
  }

  /** `early`: comments before its comma, but on lines of their own; they are about what comes next. */
  function item(isMember: boolean, above: readonly Comment[]): { readonly item: Item; readonly early: readonly Comment[] } {
    const blank = peek().breaks > 1
    let key: string | undefined
    const between: Comment[] = []
    if (isMember) {
      key = peek().text
      at++
      between.push(...comments())
      at++
      between.push(...comments())
    }
    const read = value()
    const near = beside()
    const early = comments()
    if (peek().kind === comma) {
      const sameLine = early.length === 0 && peek().breaks === 0
      at++
      if (sameLine) near.push(...beside())
    }
    return { item: { above: [...above, ...between], blank, key, value: read, beside: near }, early }
  }

  const above = comments()
  const blank = peek().breaks > 1
  const root = value()
  return { above, blank, value: root, beside: beside(), below: comments() }
}
