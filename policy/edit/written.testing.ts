import { createScanner } from 'jsonc-parser'
import type { Json } from '../capability.ts'

/** A small generator of numbers from a seed, so that a failing document can be made again. */
export function chooser(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** How wild the white space and the comments of a document are. */
export type Manner = 'plain' | 'wild'

/** A value as somebody may have written it: comments at odd places, one line or several, CRLF, tabs, with and without trailing commas. */
export function written(value: Json, seed: number, manner: Manner): string {
  const choose = chooser(seed)
  const eol = ['\n', '\n', '\r\n', '\r'][choose(4)] ?? '\n'
  const unit = ['  ', '    ', '\t'][choose(3)] ?? '  '
  const trailing = choose(2) === 0
  const apart = choose(2) === 0
  let comments = 0
  const block = (): string => `/* c${comments++} */`
  const line = (): string => `// c${comments++}`

  /** Between two tokens of one item. */
  const gap = (usual: string, indent: string): string => {
    if (manner === 'plain') return usual
    return [usual, usual, usual, '', ' ', `${block()}`, ` ${block()} `, ` ${line()}${eol}${indent}`, `${eol}${indent}`][choose(9)] ?? usual
  }
  const above = (indent: string): string => {
    const own = choose(4)
    const section = choose(6) === 0 ? `${line()}${eol}${eol}${indent}` : ''
    return section + (own === 0 ? `${line()}${eol}${indent}` : own === 1 ? `${line()}${eol}${indent}${line()}${eol}${indent}` : own === 2 && manner === 'wild' ? `${block()} ` : '')
  }
  const behind = (): string => (choose(5) === 0 ? ` ${line()}` : choose(8) === 0 ? ` ${block()}` : '')

  const container = (items: readonly ((indent: string) => string)[], brackets: '[]' | '{}', indent: string): string => {
    if (items.length === 0) return manner === 'plain' ? brackets : `${brackets[0]}${['', '', ' ', block()][choose(4)]}${brackets[1]}`
    const lines = brackets === '{}' && indent === '' ? true : choose(2) === 0
    const inner = lines ? indent + unit : indent
    if (!lines) {
      const put = items.map((item) => item(inner)).map((item, i) => item + (i < items.length - 1 ? `${gap('', inner)},${gap(' ', inner)}` : trailing && manner === 'wild' ? ',' : ''))
      return `${brackets[0]}${gap('', inner)}${put.join('')}${gap('', inner)}${brackets[1]}`
    }
    const put = items.map((item, i) => {
      const comma = i < items.length - 1 || trailing ? `${gap('', inner)},` : ''
      const blank = i > 0 && apart && choose(4) > 0 ? eol : ''
      return `${blank}${inner}${above(inner)}${item(inner)}${comma}${behind()}${eol}`
    })
    const dangling = choose(8) === 0 ? `${inner}${line()}${eol}` : ''
    return `${brackets[0]}${choose(8) === 0 ? ` ${line()}` : ''}${eol}${put.join('')}${dangling}${indent}${brackets[1]}`
  }

  const print = (one: Json, indent: string): string => {
    if (Array.isArray(one)) return container(one.map((child: Json) => (at: string) => print(child, at)), '[]', indent)
    if (typeof one !== 'object' || one === null) return JSON.stringify(one)
    return container(Object.entries(one).map(([key, member]) => (at: string) => `${JSON.stringify(key)}${gap('', at)}:${gap(' ', at)}${print(member, at)}`), '{}', indent)
  }
  return `${choose(3) === 0 ? `${line()}${eol}` : ''}${print(value, '')}${eol}${choose(4) === 0 ? `${line()}${eol}` : ''}`
}

export type PlacedComment = { readonly text: string; readonly from: number }

export function commentsOf(text: string): PlacedComment[] {
  const scanner = createScanner(text, false)
  const found: PlacedComment[] = []
  for (let kind: number = scanner.scan(); kind !== 17; kind = scanner.scan()) {
    if (kind === 12 || kind === 13) found.push({ text: text.slice(scanner.getTokenOffset(), scanner.getTokenOffset() + scanner.getTokenLength()), from: scanner.getTokenOffset() })
  }
  return found
}
