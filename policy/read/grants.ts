import { isWholeFamily } from '../address.ts'
import type { Node } from '../syntax.ts'
import type { Grant, PlacedSelector } from '../model.ts'
import { type IpEntry, parseIpEntry } from '../ports.ts'
import type { Reporter } from '../problem.ts'
import { expectArray, expectObject, expectString, keysOf, knownMembers, spanOf } from '../shape.ts'
import { readApp } from './app.ts'
import type { Reading } from './reading.ts'
import { checkSelf, postureRefused, readSide } from './rule-parts.ts'
import { readSelectors } from './selectors.ts'

export const grantKeys = keysOf('a grant', ['src', 'dst', 'ip', 'app', 'via'], { srcPosture: postureRefused('srcPosture') })

/** Reads the list of grants (spec/policy.md §5); `first` is the number of the first one among all rules. */
export function readGrants(children: readonly Node[], first: number, reading: Reading): Grant[] {
  const grants: Grant[] = []
  for (const [index, child] of children.entries()) {
    if (expectObject(child, 'A grant', reading.report) === undefined) continue
    grants.push(readGrant(child, index, first + grants.length, reading))
  }
  return grants
}

function readGrant(node: Node, listed: number, index: number, reading: Reading): Grant {
  const { report } = reading
  const members = knownMembers(node, grantKeys, report)
  const src = readSide(node, members.get('src'), 'src', 'grant', reading)
  const dst = readSide(node, members.get('dst'), 'dst', 'grant', reading)
  const via = members.get('via')
  const ip = readIp(members.get('ip')?.value, report)
  const app = readApp(members.get('app')?.value, report)
  checkSelf(src, dst, report, { any: false })
  checkDestinations(dst, app.size > 0, report)
  const wrote = (key: 'ip' | 'app'): boolean => (members.get(key)?.value.children?.length ?? 0) > 0
  if (!wrote('ip') && !wrote('app')) {
    report.error(spanOf(node), 'gives-nothing', 'This grant gives nothing: "ip" and "app" cannot both be empty.')
  }
  return {
    index, origin: { list: 'grants', index: listed }, place: report.place(spanOf(node)), src, dst, ip, app,
    via: via === undefined ? [] : readSelectors(via.value, '"via"', 'via', reading),
  }
}

/** What only a grant's destinations may not be: an acl has no `app`, and takes a whole family (spec/policy.md §6). */
function checkDestinations(dst: readonly PlacedSelector[], hasApp: boolean, report: Reporter): void {
  for (const { text, selector, place } of dst) {
    if (selector.kind === 'range' && isWholeFamily(selector.range)) {
      const fix = { label: 'Change to "*"', offset: place.offset, length: place.length, replacement: '"*"' }
      report.error(place, 'whole-family', `"${text}" as a destination: to allow all addresses, use "*" or "autogroup:internet".`, fix)
    }
    if (selector.kind === 'internet' && hasApp) {
      report.error(place, 'not-allowed-here', '"autogroup:internet" cannot be a destination of "app": nothing there knows capabilities.')
    }
  }
}

function readIp(node: Node | undefined, report: Reporter): IpEntry[] {
  const entries: IpEntry[] = []
  for (const child of node === undefined ? [] : expectArray(node, '"ip"', report) ?? []) {
    const text = expectString(child, 'Each entry of "ip"', report)?.trim()
    if (text === undefined) continue
    const entry = parseIpEntry(text)
    if (entry.ok) entries.push(entry.value)
    else report.error(spanOf(child), 'invalid-port', entry.reason)
  }
  return entries
}
