import type { Node } from './syntax.ts'
import type { Reporter } from './problem.ts'
import { parseQuota, parseRate } from './relay-amounts.ts'
import { membersOf, spanOf } from './shape.ts'

/** Members of an element of the relay capability's list (spec/policy.md §14): what each may be, in words. */
export const parameters: ReadonlyMap<string, { readonly expected: string; readonly valid: (value: unknown) => boolean }> = new Map([
  ['maxSessions', { expected: 'a whole number from 1', valid: (value) => Number.isSafeInteger(value) && Number(value) >= 1 }],
  ['family', { expected: '"ipv4" or "ipv6"', valid: (value) => value === 'ipv4' || value === 'ipv6' }],
  ['quota', {
    expected: 'an amount a month such as "2TiB/month"',
    valid: (value) => typeof value === 'string' && parseQuota(value) !== undefined,
  }],
  ['maxRate', {
    expected: 'a rate such as "50mbit"',
    valid: (value) => typeof value === 'string' && parseRate(value) !== undefined,
  }],
  ['prefer', { expected: 'a whole number', valid: (value) => Number.isSafeInteger(value) }],
])

/**
 * Checks one element of the list that `tailscale.com/cap/relay` gives. What is not known here is passed on with a warning: the list
 * may hold anything (spec/policy.md §5).
 */
export function checkRelayValue(node: Node, report: Reporter): void {
  if (node.type !== 'object') {
    report.warning(spanOf(node), 'unknown-parameter', 'This is no set of parameters, such as {"maxSessions": 20}; it is passed on unchanged and limits nothing.')
    return
  }
  for (const { key, keySpan, value } of membersOf(node)) {
    const parameter = parameters.get(key)
    if (parameter === undefined) {
      report.warning(keySpan, 'unknown-parameter', `"${key}" is not a parameter known here; it is passed on unchanged.`)
    } else if (!parameter.valid(value.value)) report.error(spanOf(value), 'invalid-parameter', `"${key}" must be ${parameter.expected}.`)
  }
}
