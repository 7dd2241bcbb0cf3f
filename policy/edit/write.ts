import type { Json } from '../capability.ts'
import { maxWidth, type Style } from './style.ts'

/** On one line. */
export function writeLine(value: Json, style: Style): string {
  if (Array.isArray(value)) {
    return value.length === 0 ? '[]' : `[${style.bracket}${value.map((one: Json) => writeLine(one, style)).join(style.comma)}${style.bracket}]`
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}${style.colon}${writeLine(member, style)}`)
    return members.length === 0 ? '{}' : `{${style.brace}${members.join(style.comma)}${style.brace}}`
  }
  return JSON.stringify(value)
}

/** `used`: columns that stand before it on its line. `lines`: over several lines even if one would do. */
export function write(value: Json, style: Style, indent: string, used = indent.length, lines = false): string {
  const line = writeLine(value, style)
  const fits = !lines && used + line.length <= maxWidth
  if (fits || typeof value !== 'object' || value === null || line.length === 2) return line
  const inner = indent + style.unit
  const members = Array.isArray(value)
    ? value.map((one: Json) => write(one, style, inner))
    : Object.entries(value).map(([key, member]) => writeMember(key, member, style, inner))
  return spread(members, Array.isArray(value) ? '[]' : '{}', style, indent)
}

export function writeMember(key: string, value: Json, style: Style, indent: string, lines = false): string {
  const name = `${JSON.stringify(key)}${style.colon}`
  return name + write(value, style, indent, indent.length + name.length, lines)
}

/** Members that are text already, each on its line. */
export function spread(members: readonly string[], brackets: '[]' | '{}', style: Style, indent: string): string {
  const inner = style.eol + indent + style.unit
  return `${brackets[0]}${members.map((member) => inner + member).join(',')}${style.trailingComma ? ',' : ''}${style.eol}${indent}${brackets[1]}`
}
