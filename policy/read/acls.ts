import type { Node } from '../syntax.ts'
import type { Json } from '../capability.ts'
import type { Grant, PlacedSelector } from '../model.ts'
import { hasPorts, type IpEntry, parsePorts, parseProtocol, splitPorts } from '../ports.ts'
import type { Span } from '../problem.ts'
import { parseSelector } from '../selector.ts'
import { expectArray, expectObject, expectString, keysOf, knownMembers, type Member, spanOf } from '../shape.ts'
import { withoutPort } from './destinations.ts'
import type { Reading } from './reading.ts'
import { checkSelf, postureRefused, readSide, reportMissing } from './rule-parts.ts'
import { readSelector } from './selectors.ts'

function ofGrants(key: string): { readonly error: string; readonly code: 'unknown-key' } {
  return { error: `"${key}" is a key of grants: an acl has none. Write this rule in "grants".`, code: 'unknown-key' }
}

export const aclKeys = keysOf('an acl', ['action', 'proto', 'src', 'dst', 'users', 'ports'], {
  srcPosture: postureRefused('srcPosture'), ip: ofGrants('ip'), app: ofGrants('app'), via: ofGrants('via'),
})
type AclKey = 'action' | 'proto' | 'src' | 'dst' | 'users' | 'ports'
type Members = ReadonlyMap<AclKey, Member>

const noApp: ReadonlyMap<string, readonly Json[]> = new Map()

/** Reads the list of acls: each destination of one is a grant of its own (spec/policy.md §6), with the sources shared. */
export function readAcls(children: readonly Node[], first: number, reading: Reading): Grant[] {
  const grants: Grant[] = []
  for (const [index, child] of children.entries()) {
    if (expectObject(child, 'An acl', reading.report) === undefined) continue
    for (const rule of readAcl(child, reading)) {
      const { src, dst, ip, number } = rule
      grants.push({
        index: first + grants.length, origin: { list: 'acls', index, dst: number }, place: reading.report.place(spanOf(child)),
        src, dst: [dst], ip: [ip], app: noApp, via: [],
      })
    }
  }
  return grants
}

type AclRule = { readonly src: readonly PlacedSelector[]; readonly dst: PlacedSelector; readonly ip: IpEntry; readonly number: number }

function readAcl(node: Node, reading: Reading): AclRule[] {
  const { report } = reading
  const members = knownMembers(node, aclKeys, report)
  checkAction(node, members.get('action'), reading)
  const protocol = readProtocol(members.get('proto'), reading)
  const src = readSide(node, either(members, 'src', 'users', reading), 'src', 'acl', reading)
  const destinations = either(members, 'dst', 'ports', reading)
  if (destinations === undefined) {
    reportMissing(node, 'dst', 'acl', report)
    return []
  }
  const rules: AclRule[] = []
  for (const [number, child] of (expectArray(destinations.value, `"${destinations.key}"`, report) ?? []).entries()) {
    if (!reading.counts(spanOf(child))) break
    const text = expectString(child, `Each entry of "${destinations.key}"`, report)?.trim()
    const read = text === undefined ? undefined : readDestination(text, spanOf(child), protocol, reading)
    if (read !== undefined) rules.push({ src, ...read, number })
  }
  checkSelf(src, rules.map(({ dst }) => dst), report, { any: true })
  return rules
}

function checkAction(node: Node, member: Member | undefined, { report }: Reading): void {
  if (member === undefined) return reportMissing(node, 'action', 'acl', report)
  const action = expectString(member.value, '"action"', report)
  if (action === undefined || action === 'accept') return
  const fix = { label: 'Change to "accept"', ...spanOf(member.value), replacement: '"accept"' }
  report.error(spanOf(member.value), 'invalid-action', `"action" can only be "accept": rules allow, and nothing takes away.`, fix)
}

/** Undefined: none, so the four that a client takes by itself. */
function readProtocol(member: Member | undefined, { report }: Reading): number | undefined {
  const text = member === undefined ? undefined : expectString(member.value, '"proto"', report)?.trim()
  if (member === undefined || text === undefined || text === '') return undefined
  const protocol = parseProtocol(text)
  if (protocol.ok) return protocol.value
  report.error(spanOf(member.value), 'invalid-port', text === '*' ? '"*" is not a protocol: leave "proto" out for any.' : protocol.reason)
  return undefined
}

/** A list under its name or its old name, not both. */
function either(members: Members, key: AclKey, old: AclKey, { report }: Reading): Member | undefined {
  const [named, oldNamed] = [members.get(key), members.get(old)]
  if (named !== undefined && oldNamed !== undefined) {
    report.error(oldNamed.keySpan, 'both-names', `"${oldNamed.key}" is the old name of "${named.key}": write one of them.`)
  }
  return named ?? oldNamed
}

function readDestination(
  text: string, span: Span, protocol: number | undefined, reading: Reading,
): { readonly dst: PlacedSelector; readonly ip: IpEntry } | undefined {
  const { report } = reading
  const split = splitPorts(text)
  const ports = split.ok ? parsePorts(split.value.ports) : split
  const fix = (!ports.ok || (split.ok && !parseSelector(split.value.selector).ok)) ? withoutPort(text, span) : undefined
  if (fix !== undefined) report.error(span, 'invalid-port', `"${text}" has no port: write ${fix.replacement}, or a port such as 443.`, fix)
  else if (!ports.ok) report.error(span, 'invalid-port', ports.reason)
  if (fix !== undefined || !split.ok) return undefined
  const { selector, ports: written } = split.value
  if (protocol !== undefined && !hasPorts(protocol) && ports.ok && written !== '*') {
    report.error(span, 'invalid-port', `"${text}": the protocol of this acl has no ports, so "*" must stand for them.`)
  }
  const dst = readSelector({ text: selector, span, rewrite: (meant) => `${meant}:${written}` }, 'destination', reading)
  if (dst === undefined || !ports.ok) return undefined
  return { dst, ip: { ports: ports.value, ...(protocol === undefined ? {} : { protocol }) } }
}
