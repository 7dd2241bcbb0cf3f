import type { Node } from '../syntax.ts'
import { parseAddress, parsePrefix } from '../address.ts'
import type { AutoApprovers, PlacedSelector } from '../model.ts'
import { expectObject, keysOf, knownMembers } from '../shape.ts'
import { entries } from './definitions.ts'
import type { Reading } from './reading.ts'
import { readSelectors, warnIgnoredBits } from './selectors.ts'

export const approverKeys = keysOf('"autoApprovers"', ['routes', 'exitNode', 'relays'], {
  services: { warning: '"services" has no effect here: there are no services to approve.' },
})

/** Reads `autoApprovers`: whose routes, exit nodes and relays need no approval by hand (spec/policy.md §11). */
export function readAutoApprovers(node: Node | undefined, reading: Reading): AutoApprovers {
  if (node === undefined || expectObject(node, '"autoApprovers"', reading.report) === undefined) return { routes: [], exitNode: [], relays: [] }
  const members = knownMembers(node, approverKeys, reading.report)
  const list = (key: 'exitNode' | 'relays'): PlacedSelector[] => {
    const member = members.get(key)
    return member === undefined ? [] : readSelectors(member.value, `"${key}"`, 'approver', reading)
  }
  return { routes: readRoutes(members.get('routes')?.value, reading), exitNode: list('exitNode'), relays: list('relays') }
}

function readRoutes(node: Node | undefined, reading: Reading): AutoApprovers['routes'] {
  const { report } = reading
  return entries(node, '"routes"', report).flatMap(({ key, keySpan, value }) => {
    const approvers = readSelectors(value, `"${key}"`, 'approver', reading)
    const text = key.trim()
    const prefix = parsePrefix(text)
    if (prefix === undefined) {
      const address = parseAddress(text)
      const whole = address === undefined ? undefined : `${text}/${address.family === 4 ? 32 : 128}`
      const fix = whole === undefined ? undefined : { label: `Change to "${whole}"`, ...keySpan, replacement: JSON.stringify(whole) }
      report.error(keySpan, 'invalid-value', `"${key}" is not a prefix such as 10.0.0.0/8.`, fix)
      return []
    }
    if (prefix.cleared) warnIgnoredBits({ text, span: keySpan }, prefix.range, report)
    return { prefix: prefix.range, text, place: report.place(keySpan), approvers }
  })
}
