import type { Node } from '../syntax.ts'
import type { PlacedSelector, RelayTest } from '../model.ts'
import { expectArray, expectBoolean, expectObject, expectString, keysOf, knownMembers, type Member, spanOf } from '../shape.ts'
import { isOneHost, type Position } from './positions.ts'
import type { Reading } from './reading.ts'
import { readSelector } from './selectors.ts'

export const relayTestKeys = keysOf('a relay test', ['src', 'via', 'accept', 'deny'])

/** Reads the `relay` list of a test, which is ours: may `src` use `via` as a relay (spec/policy.md §12)? */
export function readRelayTests(node: Node | undefined, reading: Reading): RelayTest[] {
  const { report } = reading
  return (node === undefined ? [] : expectArray(node, '"relay"', report) ?? []).flatMap((child) => {
    if (expectObject(child, 'A relay test', report) === undefined) return []
    const members = knownMembers(child, relayTestKeys, report)
    const [src, via] = [readEnd(child, 'src', members.get('src'), reading), readEnd(child, 'via', members.get('via'), reading)]
    const [accept, deny] = [isTrue(members.get('accept'), reading), isTrue(members.get('deny'), reading)]
    // Of a value that is wrong its own problem is reported.
    const isSaid = members.has('accept') || members.has('deny')
    if (accept === deny && (accept || !isSaid)) report.error(spanOf(child), 'invalid-test', 'A relay test says one of "accept": true and "deny": true.')
    if (src === undefined || via === undefined || accept === deny) return []
    return { place: report.place(spanOf(child)), src, via, expected: accept ? 'accept' : 'deny' }
  })
}

function isTrue(member: Member | undefined, { report }: Reading): boolean {
  if (member === undefined) return false
  const value = expectBoolean(member.value, `"${member.key}" of a relay test`, report)
  if (value === false) report.error(spanOf(member.value), 'invalid-test', `"${member.key}" can only be true: write "${member.key === 'deny' ? 'accept' : 'deny'}": true for the contrary.`)
  return value === true
}

function readEnd(test: Node, key: 'src' | 'via', member: Member | undefined, reading: Reading): PlacedSelector | undefined {
  const { report } = reading
  if (member === undefined) {
    report.error(spanOf(test), 'missing-key', `This relay test has no "${key}".`)
    return undefined
  }
  const span = spanOf(member.value)
  const text = expectString(member.value, `"${key}" of a relay test`, report)?.trim()
  if (text === undefined || !reading.counts(span)) return undefined
  const position: Position = key === 'src' ? 'source' : 'destination'
  const end = readSelector({ text, span }, position, reading)
  if (end === undefined || (isOneHost(end) && end.selector.kind !== 'self')) return end
  report.error(span, 'invalid-test', `"${text}" names no machine: write an address, a host of one address, a tag, a person, a group or an autogroup.`)
  return undefined
}
