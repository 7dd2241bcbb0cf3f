import { getNodeValue, type Node } from 'jsonc-parser'
import { checkCapabilityName, type Json, relayCapability } from './capability.ts'
import { type Definitions, maxSelectors, readSelectors } from './definitions.ts'
import type { Grant, PlacedSelector } from './model.ts'
import { type IpEntry, parseIpEntry } from './ports.ts'
import type { Reporter } from './problem.ts'
import { checkRelayValue } from './relay-parameters.ts'
import { expectArray, expectObject, expectString, type Key, knownMembers, membersOf, spanOf } from './shape.ts'

/** More than this in one document is refused (spec/policy.md §1). */
const maxGrants = 10_000

type GrantKey = 'src' | 'dst' | 'ip' | 'app'

const grantKeys: Readonly<Record<string, Key<GrantKey>>> = {
  src: { key: 'src' },
  dst: { key: 'dst' },
  ip: { key: 'ip' },
  app: { key: 'app' },
  via: { error: '"via" is not compiled by this version, and ignoring it would widen access.' },
  srcPosture: { error: '"srcPosture" is refused: device conditions are not checked here, and dropping one would widen access.' },
}

/** Reads the list of grants (spec/policy.md §5). */
export function readGrants(node: Node, definitions: Definitions, report: Reporter): Grant[] {
  const children = expectArray(node, '"grants"', report) ?? []
  if (children.length > maxGrants) {
    report.error(spanOf(node), `There are more than ${maxGrants} grants, which is the limit.`)
    return []
  }
  const grants: Grant[] = []
  let selectors = 0
  for (const [index, child] of children.entries()) {
    if (expectObject(child, 'A grant', report) === undefined) continue
    const grant = readGrant(child, index, definitions, report)
    selectors += grant.src.length + grant.dst.length
    grants.push(grant)
    if (selectors > maxSelectors) {
      report.error(spanOf(child), `There are more than ${maxSelectors} selectors, which is the limit.`)
      break
    }
  }
  return grants
}

function readGrant(node: Node, index: number, definitions: Definitions, report: Reporter): Grant {
  const members = knownMembers(node, 'a grant', grantKeys, report, true)
  const side = (key: 'src' | 'dst'): PlacedSelector[] => {
    const member = members.get(key)
    if (member !== undefined) return readSelectors(member.value, `"${key}"`, definitions.names, report)
    report.error(spanOf(node), `This grant has no "${key}".`)
    return []
  }
  const src = side('src')
  const dst = side('dst')
  for (const { selector, place } of src) {
    if (selector.kind === 'internet') report.error(place, '"autogroup:internet" can only be a destination.')
  }
  for (const { text, selector, place } of dst) {
    if (selector.kind === 'range' && selector.range.first === 0n && /\/0+$/.test(text)) {
      const fix = { label: 'Change to "*"', offset: place.offset, length: place.length, replacement: '"*"' }
      report.error(place, `"${text}" as a destination: to allow all addresses, use "*" or "autogroup:internet".`, fix)
    }
    if (selector.kind === 'internet' && members.has('app')) {
      report.error(place, '"autogroup:internet" cannot be a destination of "app": nothing there knows capabilities.')
    }
    if (selector.kind === 'autogroup' && selector.name === 'shared') {
      report.error(place, '"autogroup:shared" can only be a source.')
    }
  }
  const ip = readIp(members.get('ip')?.value, report)
  const app = readApp(members.get('app')?.value, report)
  const wrote = (key: 'ip' | 'app'): boolean => (members.get(key)?.value.children?.length ?? 0) > 0
  if (!wrote('ip') && !wrote('app')) {
    report.error(spanOf(node), 'This grant gives nothing: "ip" and "app" cannot both be empty.')
  }
  if (app.has(relayCapability)) warnReversed(src, dst, report)
  return { index, origin: { list: 'grants', index }, place: report.place(spanOf(node)), src, dst, ip, app, via: [] }
}

/** A relay grant's sources are the clients; the other way round is accepted and useless (spec/policy.md §17). */
function warnReversed(src: readonly PlacedSelector[], dst: readonly PlacedSelector[], report: Reporter): void {
  const people = dst.find(({ selector }) => selector.kind === 'person' || selector.kind === 'group')
  const relays = src.every(({ selector }) => selector.kind === 'tag') && src.length > 0
  if (people !== undefined && relays) {
    report.warning(people.place, `"src" are the clients and "dst" the relays; "${people.text}" looks like a client.`)
  }
}

function readIp(node: Node | undefined, report: Reporter): IpEntry[] {
  const entries: IpEntry[] = []
  for (const child of node === undefined ? [] : expectArray(node, '"ip"', report) ?? []) {
    const text = expectString(child, 'Each entry of "ip"', report)?.trim()
    if (text === undefined) continue
    const entry = parseIpEntry(text)
    if (entry.ok) entries.push(entry.value)
    else report.error(spanOf(child), entry.reason)
  }
  return entries
}

function readApp(node: Node | undefined, report: Reporter): ReadonlyMap<string, readonly Json[]> {
  const app = new Map<string, readonly Json[]>()
  if (node === undefined || expectObject(node, '"app"', report) === undefined) return app
  for (const { key, keySpan, value } of membersOf(node, report)) {
    const name = checkCapabilityName(key)
    if (!name.ok) report.error(keySpan, name.reason)
    const values = expectArray(value, `"${key}"`, report)
    if (values === undefined) continue
    for (const child of values) {
      checkDuplicates(child, report)
      if (key === relayCapability) checkRelayValue(child, report)
    }
    // The parser builds nothing but JSON values.
    app.set(key, values.map((child) => getNodeValue(child) as Json))
  }
  return app
}

function checkDuplicates(node: Node, report: Reporter): void {
  if (node.type === 'object') for (const member of membersOf(node, report)) checkDuplicates(member.value, report)
  else if (node.type === 'array') for (const child of node.children ?? []) checkDuplicates(child, report)
}
