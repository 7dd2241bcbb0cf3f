import type { Fix, Reporter } from './problem.ts'

/** A part of the text. The children of an object are properties, each with its key and its value. */
export type Node = {
  readonly type: 'object' | 'array' | 'property' | 'string' | 'number' | 'boolean' | 'null'
  readonly offset: number
  readonly length: number
  readonly value?: string | number | boolean | null
  readonly children?: readonly Node[]
}

/** The language itself nests 7 deep (spec/policy.md §1). */
export const maxDepth = 100

const words: ReadonlyMap<string, Pick<Node, 'type' | 'value'>> = new Map<string, Pick<Node, 'type' | 'value'>>([
  ['true', { type: 'boolean', value: true }], ['false', { type: 'boolean', value: false }], ['null', { type: 'null', value: null }],
])
const wordAt = /[\p{L}\p{N}_$'`.+-]*/uy
const numberAt = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const escapeAt = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

/**
 * Reads JSON with comments and one trailing comma in lists and objects (spec/policy.md §1) into its parts; undefined when the text
 * is something else, which is reported. It goes on behind a comma that is missing, and stops at anything else: what follows would be
 * guessed. One pass, and the depth is bounded.
 */
export function parseSyntax(text: string, report: Reporter): Node | undefined {
  const parser = new Parser(text, report)
  const root = parser.value(0)
  if (root === undefined) return undefined
  parser.skip()
  if (parser.at < text.length && !parser.failed) parser.fail(parser.at, text.length - parser.at, 'The policy is one object: nothing may follow it.')
  return parser.failed ? undefined : root
}

class Parser {
  at = 0
  failed = false
  readonly #text: string
  readonly #report: Reporter

  constructor(text: string, report: Reporter) {
    this.#text = text
    this.#report = report
  }

  fail(offset: number, length: number, message: string, code: 'syntax' | 'limit' = 'syntax', fix?: Fix): undefined {
    this.failed = true
    this.#report.error({ offset, length }, code, message, fix)
  }

  /** Passes white space and comments; false when a comment is not closed, which is reported. */
  skip(): boolean {
    const text = this.#text
    for (;;) {
      const unit = text.charCodeAt(this.at)
      if (unit === 32 || unit === 10 || unit === 13 || unit === 9) this.at++
      else if (unit === 47 && text.charCodeAt(this.at + 1) === 47) {
        while (this.at < text.length && text.charCodeAt(this.at) !== 10 && text.charCodeAt(this.at) !== 13) this.at++
      } else if (unit === 47 && text.charCodeAt(this.at + 1) === 42) {
        const end = text.indexOf('*/', this.at + 2)
        if (end < 0) {
          this.fail(this.at, 2, 'This comment is not closed.')
          return false
        }
        this.at = end + 2
      } else return true
    }
  }

  value(depth: number): Node | undefined {
    if (!this.skip()) return undefined
    const first = this.#text[this.at]
    if (first === '{' || first === '[') {
      if (depth >= maxDepth) return this.fail(this.at, 1, `Brackets are nested more than ${maxDepth} deep.`, 'limit')
      return this.#list(first, depth)
    }
    if (first === '"') return this.#string()
    const from = this.at
    const word = this.#match(wordAt)
    const known = words.get(word)
    if (known !== undefined) return { ...known, offset: from, length: word.length }
    this.at = from
    const number = this.#match(numberAt)
    if (number !== '' && number.length === word.length) return { type: 'number', offset: from, length: number.length, value: Number(number) }
    if (word === '') return this.fail(from, from < this.#text.length ? 1 : 0, 'A value is expected here.')
    return this.fail(from, word.length, number === '' ? 'This is not JSON: strings stand in double quotes, keys too.' : 'This is not a number.')
  }

  /** An object or array, from its opening bracket on. */
  #list(open: '{' | '[', depth: number): Node | undefined {
    const offset = this.at++
    const close = open === '{' ? '}' : ']'
    const children: Node[] = []
    for (;;) {
      if (!this.skip()) return undefined
      if (this.#text[this.at] === close) {
        this.at++
        return { type: open === '{' ? 'object' : 'array', offset, length: this.at - offset, children }
      }
      if (this.at >= this.#text.length) return this.fail(this.at, 0, `A "${close}" is expected here: it closes what line ${this.#report.place({ offset, length: 1 }).line} opens.`)
      const child = open === '{' ? this.#property(depth + 1) : this.value(depth + 1)
      if (child === undefined || !this.skip()) return undefined
      children.push(child)
      const next = this.#text[this.at]
      if (next === ',') this.at++
      else if (next === '"' || next === '{' || next === '[') this.#comma(child.offset + child.length)
      else if (next !== close && next !== undefined) return this.fail(this.at, 1, `A comma or a "${close}" is expected here.`)
    }
  }

  #comma(offset: number): void {
    this.fail(offset, 0, 'A comma is expected here.', 'syntax', { label: 'Insert ","', offset, length: 0, replacement: ',' })
  }

  #property(depth: number): Node | undefined {
    const offset = this.at
    if (this.#text[this.at] !== '"') return this.fail(offset, 1, 'A key in double quotes is expected here.')
    const key = this.#string()
    if (key === undefined || !this.skip()) return undefined
    if (this.#text[this.at] !== ':') return this.fail(this.at, this.at < this.#text.length ? 1 : 0, 'A colon is expected here.')
    this.at++
    const value = this.value(depth)
    return value === undefined ? undefined : { type: 'property', offset, length: this.at - offset, children: [key, value] }
  }

  #string(): Node | undefined {
    const text = this.#text
    const offset = this.at
    let escapes = false
    for (this.at++; ; this.at++) {
      const unit = text.charCodeAt(this.at)
      if (unit === 34) break
      // Beyond the end it is no number.
      if (!(unit >= 32)) return unit === 9 ? this.fail(this.at, 1, 'A raw tab stands in this string: write \\t.') : this.fail(offset, 1, 'This string is not closed.')
      if (unit !== 92) continue
      escapes = true
      const from = this.at
      const escape = this.#match(escapeAt)
      if (escape === '') return this.fail(from, Math.min(2, text.length - from), 'JSON has no such escape.')
      this.at = from + escape.length - 1
    }
    this.at++
    const raw = text.slice(offset, this.at)
    // Its characters and escapes were checked, so that this cannot fail.
    const value = escapes ? String(JSON.parse(raw)) : raw.slice(1, -1)
    return { type: 'string', offset, length: raw.length, value }
  }

  /** What matches here, passed; empty when nothing does. */
  #match(pattern: RegExp): string {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.#text)?.[0] ?? ''
    this.at += found.length
    return found
  }
}
