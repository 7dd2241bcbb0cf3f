import { parseAddress } from '../address.ts'
import type { Fix, Span } from '../problem.ts'
import { parseSelector } from '../selector.ts'

/** What to write for a destination that is a selector alone; its own colon was taken for the port's. */
export function withoutPort(text: string, span: Span): Fix | undefined {
  const whole = /^\[(.*)\](\/[0-9]+)?$/.exec(text)
  const selector = parseSelector(whole === null ? text : `${whole[1] ?? ''}${whole[2] ?? ''}`)
  // Behind the second colon of "group:ops:ssh" stands a port, though a wrong one.
  if (!selector.ok || selector.value.kind === 'unknown-autogroup' || /^[a-z]+:.*:/.test(text)) return undefined
  const bracketed = whole === null && parseAddress(text) !== undefined && text.includes(':') ? `[${text}]:*` : `${text}:*`
  return { label: `Change to "${bracketed}"`, ...span, replacement: JSON.stringify(bracketed) }
}
