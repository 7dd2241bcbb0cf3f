import type { Json } from './capability.ts'
import type { Grant } from './model.ts'
import { formatIpEntry } from './ports.ts'
import { selectorKey } from './selector.ts'

/**
 * What a grant says, in sixteen hexadecimal digits, wherever it stands and however its parts are ordered. Two grants that say the
 * same have the same key; what is counted for a grant goes on when it is moved.
 */
export function grantKey({ src, dst, ip, app, via }: Omit<Grant, 'index' | 'origin' | 'place'>): string {
  const side = (uses: Grant['src']): string[] => sortedOnce(uses.map(({ selector }) => selectorKey(selector)))
  const gives = [...app].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, values]) => [name, values.map(canonical)])
  return digest(JSON.stringify([side(src), side(dst), sortedOnce(ip.map(formatIpEntry)), gives, side(via)]))
}

function sortedOnce(texts: readonly string[]): string[] {
  return [...new Set(texts)].toSorted()
}

/** The same text for objects whose members are only in another order. */
function canonical(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (isList(value)) return `[${value.map(canonical).join()}]`
  return `{${Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

/** Two FNV-1a sums of 32 bits with different starts. It tells grants apart; it keeps no secret. */
function digest(text: string): string {
  let [a, b] = [0x811c9dc5, 0x9dc5811c]
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    a = Math.imul(a ^ unit, 0x01000193)
    b = Math.imul(b ^ (unit + i), 0x01000193)
  }
  return [a, b].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('')
}
