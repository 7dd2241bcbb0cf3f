import type { Node } from '../syntax.ts'
import { type AddressRange, covers, overlaps, parsePrefix } from '../address.ts'
import type { NodeAttr } from '../model.ts'
import type { Reporter } from '../problem.ts'
import { parseSelector } from '../selector.ts'
import { expectArray, expectObject, expectString, keysOf, knownMembers, spanOf } from '../shape.ts'
import type { Reading } from './reading.ts'
import { readSelectors } from './selectors.ts'

export const entryKeys = keysOf('an entry of "nodeAttrs"', ['target', 'attr', 'ipPool', 'app'])

const funnel = 'it is not sent: there is no funnel here'
const display = 'it gives no right here: clients may show it'
/** Attributes that do less here than their name says (spec/policy.md §10). */
const weaker: ReadonlyMap<string, string> = new Map([
  ['funnel', funnel],
  ['https://tailscale.com/cap/funnel', funnel],
  ['https://tailscale.com/cap/funnel-ports?ports=443,8443,10000', funnel],
  ['https://tailscale.com/cap/warn-funnel-no-https', funnel],
  ['https://tailscale.com/cap/is-admin', display],
  ['https://tailscale.com/cap/is-owner', display],
  ['https://tailscale.com/cap/tailnet-lock', 'it is never sent: there is no tailnet lock here'],
])

function range(prefix: string): AddressRange {
  const parsed = parsePrefix(prefix)
  if (parsed === undefined) throw new Error(`${prefix} is no prefix`)
  return parsed.range
}

const pool = range('100.64.0.0/10')
/** Addresses with a meaning of their own (spec/policy.md §10). */
const reserved = ['100.100.0.0/24', '100.100.100.0/24', '100.115.92.0/23'].map((prefix) => ({ prefix, range: range(prefix) }))

/** Reads `nodeAttrs`: attributes for the machines that a target selects (spec/policy.md §10). */
export function readNodeAttrs(node: Node | undefined, reading: Reading): NodeAttr[] {
  const { report } = reading
  return (node === undefined ? [] : expectArray(node, '"nodeAttrs"', report) ?? []).flatMap((child) => {
    if (expectObject(child, 'An entry of "nodeAttrs"', report) === undefined) return []
    const members = knownMembers(child, entryKeys, report)
    const target = members.get('target')
    if (target === undefined) report.warning(spanOf(child), 'no-effect', 'This entry has no "target": no machine has its attributes.')
    readPool(members.get('ipPool')?.value, report)
    const app = members.get('app')
    if (app !== undefined && expectObject(app.value, '"app"', report) !== undefined) {
      report.warning(app.keySpan, 'no-effect', '"app" of an entry of "nodeAttrs" has no effect here: there are no app connectors.')
    }
    return {
      place: report.place(spanOf(child)),
      target: target === undefined ? [] : readSelectors(target.value, '"target"', 'target', reading),
      attr: readNames(members.get('attr')?.value, report),
    }
  })
}

function readNames(node: Node | undefined, report: Reporter): string[] {
  const names: string[] = []
  for (const child of node === undefined ? [] : expectArray(node, '"attr"', report) ?? []) {
    const name = expectString(child, 'Each entry of "attr"', report)
    if (name === undefined) continue
    if (name.trim() === '') {
      report.error(spanOf(child), 'invalid-attribute', 'An attribute needs a name.')
      continue
    }
    const why = weaker.get(name)
    if (why !== undefined) report.warning(spanOf(child), 'no-effect', `"${name}": ${why}.`)
    names.push(name)
  }
  return names
}

/** Checked, and of no effect: all addresses come from one pool. */
function readPool(node: Node | undefined, report: Reporter): void {
  if (node === undefined) return
  for (const child of expectArray(node, '"ipPool"', report) ?? []) {
    const text = expectString(child, 'Each entry of "ipPool"', report)?.trim()
    if (text === undefined) continue
    const reason = poolProblem(text)
    if (reason !== undefined) report.error(spanOf(child), 'invalid-attribute', `"${text}" ${reason}.`)
  }
  report.warning(spanOf(node), 'no-effect', '"ipPool" has no effect here: all addresses come from one pool.')
}

function poolProblem(text: string): string | undefined {
  const parsed = parseSelector(text)
  if (!parsed.ok || parsed.value.kind !== 'range') return 'is not an address range such as 100.81.0.0/16'
  const wanted = parsed.value.range
  if (!covers(pool, wanted)) return 'is not within 100.64.0.0/10'
  const taken = reserved.find((other) => overlaps(other.range, wanted))
  return taken === undefined ? undefined : `touches ${taken.prefix}, which is reserved`
}
