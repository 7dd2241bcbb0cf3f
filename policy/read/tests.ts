import type { Node } from '../syntax.ts'
import type { PlacedSelector, PolicyTest, RelayTest, TestTarget } from '../model.ts'
import { hasPorts, parsePorts, parseProtocol, splitPorts } from '../ports.ts'
import type { Span } from '../problem.ts'
import { expectArray, expectObject, expectString, keysOf, knownMembers, type Member, spanOf } from '../shape.ts'
import { withoutPort } from './destinations.ts'
import { isOneHost } from './positions.ts'
import type { Reading } from './reading.ts'
import { readRelayTests } from './relay-tests.ts'
import { readSelector } from './selectors.ts'

export const testKeys = keysOf('a test', ['src', 'proto', 'accept', 'deny', 'relay'], {
  srcPostureAttrs: { warning: '"srcPostureAttrs" has no effect here: device conditions are not checked.' },
})

/**
 * Reads `tests` (spec/policy.md §12): what is wrong in form, or names what is not defined. Whether a person exists, and whether a
 * test holds, is a matter of people and machines.
 */
export function readTests(node: Node | undefined, reading: Reading): PolicyTest[] {
  const { report } = reading
  const tests: PolicyTest[] = []
  for (const [index, child] of (node === undefined ? [] : expectArray(node, '"tests"', report) ?? []).entries()) {
    if (expectObject(child, 'A test', report) === undefined) continue
    const members = knownMembers(child, testKeys, report)
    const accept = readTargets(members.get('accept'), reading)
    const deny = readTargets(members.get('deny'), reading)
    const relay: RelayTest[] = readRelayTests(members.get('relay')?.value, reading)
    const wrote = (key: 'accept' | 'deny' | 'relay'): boolean => (members.get(key)?.value.children?.length ?? 0) > 0
    if (!wrote('accept') && !wrote('deny') && !wrote('relay')) {
      report.error(spanOf(child), 'invalid-test', 'This test expects nothing: "accept", "deny" and "relay" cannot all be empty.')
    }
    const src = readSource(members.get('src'), reading)
    if (!members.has('src') && (wrote('accept') || wrote('deny') || !wrote('relay'))) {
      report.error(spanOf(child), 'missing-key', 'This test has no "src": who or which machine is it about?')
    }
    const protocol = readProtocol(members.get('proto'), reading)
    tests.push({
      index, place: report.place(spanOf(child)), accept, deny, relay,
      ...(src === undefined ? {} : { src }), ...(protocol === undefined ? {} : { protocol }),
    })
  }
  return tests
}

function readSource(member: Member | undefined, reading: Reading): PlacedSelector | undefined {
  const text = member === undefined ? undefined : expectString(member.value, '"src" of a test', reading.report)?.trim()
  if (member === undefined || text === undefined || !reading.counts(spanOf(member.value))) return undefined
  return readSelector({ text, span: spanOf(member.value) }, 'source', reading)
}

/** TCP, UDP or SCTP alone; undefined: TCP and UDP. */
function readProtocol(member: Member | undefined, { report }: Reading): number | undefined {
  const text = member === undefined ? undefined : expectString(member.value, '"proto"', report)?.trim()
  if (member === undefined || text === undefined || text === '') return undefined
  const protocol = parseProtocol(text)
  if (protocol.ok && hasPorts(protocol.value)) return protocol.value
  report.error(spanOf(member.value), 'invalid-test', `"${text}" cannot be tested: a test is about tcp, udp or sctp.`)
  return undefined
}

function readTargets(member: Member | undefined, reading: Reading): TestTarget[] {
  if (member === undefined) return []
  const { report } = reading
  const targets: TestTarget[] = []
  for (const child of expectArray(member.value, `"${member.key}"`, report) ?? []) {
    if (!reading.counts(spanOf(child))) break
    const text = expectString(child, `Each entry of "${member.key}"`, report)?.trim()
    const target = text === undefined ? undefined : readTarget(text, spanOf(child), reading)
    if (target !== undefined) targets.push(target)
  }
  return targets
}

function readTarget(text: string, span: Span, reading: Reading): TestTarget | undefined {
  const { report } = reading
  const split = splitPorts(text)
  if (!split.ok || (!parsePorts(split.value.ports).ok && withoutPort(text, span) !== undefined)) {
    report.error(span, 'invalid-test', `"${text}" has no port: a test names one, such as "tag:web:443".`)
    return undefined
  }
  const { selector: name, ports } = split.value
  const port = /^[0-9]{1,5}$/.test(ports) ? Number(ports) : 0
  const fits = port >= 1 && port <= 65535
  if (!fits) report.error(span, 'invalid-test', `"${text}": a test names one port from 1 to 65535, and "${ports}" is none.`)
  const dst = readSelector({ text: name, span, rewrite: (meant) => `${meant}:${ports}` }, 'destination', reading)
  if (dst === undefined) return undefined
  if (!isOneHost(dst)) {
    report.error(span, 'invalid-test', `"${name}" is not one host: a test names a machine's address, a host of one address, a tag, people or an autogroup of machines.`)
    return undefined
  }
  return fits ? { text, place: dst.place, selector: dst.selector, port } : undefined
}
