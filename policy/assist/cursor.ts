import { createScanner } from 'jsonc-parser'

/** A key or a position in a list, from the root inwards. */
export type Step = string | number

/** What stands at a place of a text, complete or not, and where in the document that is. */
export type Cursor = {
  /** To the key or value here; the key itself is its last step. */
  readonly path: readonly Step[]
  readonly role: 'key' | 'value'
  /** What is there: a string with its quotes, a word without, or nothing (`from` = `to`). */
  readonly from: number
  readonly to: number
  readonly form: 'string' | 'unfinished' | 'word' | 'nothing'
  /** Its content without the quotes. */
  readonly content: string
  /** Other keys of the same object, or strings of the same list. */
  readonly siblings: ReadonlySet<string>
  /** The sign after it. */
  readonly next: 'colon' | 'comma' | 'close' | 'other'
}

/** The names that a document defines, also while it cannot be read. */
export type WrittenNames = { readonly groups: readonly string[]; readonly tagOwners: readonly string[]; readonly hosts: readonly string[]; readonly ipsets: readonly string[] }

// The parser's token kinds: it declares them as a const enum, which single-file compilation cannot read.
const openBrace = 1
const closeBrace = 2
const openBracket = 3
const closeBracket = 4
const comma = 5
const colon = 6
const string = 10
const lineComment = 12
const blockComment = 13
const trivia = 15
const endOfText = 17
const unfinishedString = 2

type Frame = { readonly list: boolean; step: Step; expects: 'key' | 'value' | 'separator'; readonly names: string[] }

/** Deeper than the language goes nothing is known, and every level costs. */
const maxDepth = 100

/**
 * Reads a text up to its end, whatever is wrong in it, and says what stands at `offset`; undefined: nothing of the language can (in a
 * comment, for example). A loop over tokens: the depth of the text does not matter.
 */
export function readAt(text: string, offset: number): { readonly cursor: Cursor | undefined; readonly names: WrittenNames } {
  const scanner = createScanner(text, false)
  const stack: Frame[] = []
  const names = { groups: [] as string[], tagOwners: [] as string[], hosts: [] as string[], ipsets: [] as string[] }
  let found: (Omit<Cursor, 'next' | 'siblings'> & { readonly siblings: readonly string[]; readonly own: string | undefined }) | undefined
  let next: Cursor['next'] | undefined
  let passed = false

  /** What a value or key at this place would be. */
  function here(from: number, to: number, form: Cursor['form'], content: string): void {
    passed = true
    const frame = stack.at(-1)
    if (frame === undefined || stack.length > maxDepth) return
    const role = !frame.list && frame.expects !== 'value' ? 'key' : 'value'
    const path = stack.map(({ step }) => step)
    if (role === 'key') path[path.length - 1] = content
    found = { path, role, from, to, form, content, siblings: frame.names, own: form === 'string' && (role === 'key' || frame.list) ? content : undefined }
  }

  for (let kind: number = scanner.scan(); ; kind = scanner.scan()) {
    const from = scanner.getTokenOffset()
    const to = from + scanner.getTokenLength()
    const isTrivia = kind >= lineComment && kind <= trivia
    const isMark = kind >= openBrace && kind <= colon
    // Only white space and whole comments were between here and the token before.
    if (!passed && !isTrivia && from >= offset) here(offset, offset, 'nothing', '')
    if (!passed && offset > from && ((kind === blockComment && offset < to) || (kind === lineComment && offset <= to))) passed = true
    if (kind === endOfText) break
    if (isTrivia) continue
    separate(stack.at(-1), kind)
    if (!passed && offset > from && offset <= to && !isMark) {
      const unfinished = scanner.getTokenError() === unfinishedString
      if (kind !== string) here(from, to, 'word', text.slice(from, to))
      else if (unfinished) here(from, offset, 'unfinished', text.slice(from + 1, offset))
      else if (offset < to) here(from, to, 'string', scanner.getTokenValue())
    } else if (found !== undefined && next === undefined && from >= found.to) {
      next = kind === colon ? 'colon' : kind === comma ? 'comma' : kind === closeBrace || kind === closeBracket ? 'close' : 'other'
    }
    step(stack, kind, scanner.getTokenValue(), names)
  }
  if (found === undefined) return { cursor: undefined, names }
  const { own, siblings, ...cursor } = found
  const others = [...siblings]
  if (own !== undefined && others.includes(own)) others.splice(others.indexOf(own), 1)
  return { cursor: { ...cursor, siblings: new Set(others), next: next ?? 'other' }, names }
}

/** A comma that was forgotten is taken as there. */
function separate(frame: Frame | undefined, kind: number): void {
  if (frame?.expects !== 'separator' || kind === comma || kind === colon || kind === closeBrace || kind === closeBracket) return
  advance(frame)
}

function advance(frame: Frame): void {
  if (frame.list) frame.step = Number(frame.step) + 1
  frame.expects = frame.list ? 'value' : 'key'
}

function step(stack: Frame[], kind: number, value: string, names: Record<keyof WrittenNames, string[]>): void {
  const frame = stack.at(-1)
  switch (kind) {
    case openBrace: stack.push({ list: false, step: '', expects: 'key', names: [] }); return
    case openBracket: stack.push({ list: true, step: 0, expects: 'value', names: [] }); return
    case closeBrace:
    case closeBracket: {
      close(stack, kind === closeBracket)
      const outer = stack.at(-1)
      if (outer !== undefined) outer.expects = 'separator'
      return
    }
    case comma: if (frame !== undefined) advance(frame); return
    case colon: if (frame?.list === false) frame.expects = 'value'; return
    default:
      if (frame === undefined) return
      if (kind === string && (frame.list || frame.expects === 'key')) frame.names.push(value)
      if (kind === string && !frame.list && frame.expects === 'key') {
        frame.step = value
        if (stack.length === 2) define(names, String(stack[0]?.step), value)
        return
      }
      frame.expects = 'separator'
  }
}

/** Closes the innermost list or object, and with it what was left open inside. */
function close(stack: Frame[], list: boolean): void {
  const at = stack.findLastIndex((frame) => frame.list === list)
  if (at >= 0) stack.length = at
}

function define(names: Record<keyof WrittenNames, string[]>, key: string, name: string): void {
  switch (key.toLowerCase()) {
    case 'groups': names.groups.push(name); return
    case 'tagowners': names.tagOwners.push(name); return
    case 'hosts': names.hosts.push(name); return
    case 'ipsets': names.ipsets.push(name)
  }
}
