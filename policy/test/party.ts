import { type AddressRange, contains, overlaps, rangeOf } from '../address.ts'
import type { CompiledPolicy, Subject } from '../compile.ts'
import { networkSpace, publicSpace } from '../route.ts'
import type { Selector } from '../selector.ts'

/** One side of a test: a machine, or addresses that may be nobody's. */
export type Party = {
  /** For sentences. */
  readonly name: string
  readonly ranges: readonly AddressRange[]
  /** Machines with one of these addresses, each with the bits of those that count. */
  readonly machines: readonly { readonly subject: Subject; readonly bits: number }[]
}

export function machineParty(subject: Subject): Party {
  return { name: subject.node.name, ranges: subject.addresses.map(rangeOf), machines: [{ subject, bits: (1 << subject.addresses.length) - 1 }] }
}

/** Addresses as they are written, and the machines that have them. */
export function literalParty(name: string, ranges: readonly AddressRange[], subjects: readonly Subject[]): Party {
  const machines = subjects.flatMap((subject) => {
    const bits = subject.addresses.reduce((found, address, i) => (ranges.some((range) => contains(range, address)) ? found | (1 << i) : found), 0)
    return bits === 0 ? [] : [{ subject, bits }]
  })
  return { name, ranges, machines }
}

/** What a source of a rule is made of, apart from machines: approved routes are of the network, too (spec/policy.md §3.3). */
export type Sources = { readonly compiled: CompiledPolicy; readonly routes: readonly AddressRange[] }

/** Whether a selector as a source contains an address of the party. */
export function isSource({ compiled, routes }: Sources, selector: number, party: Party): boolean {
  const found = compiled.selectors[selector]
  if (found?.kind === 'danger-all') return true
  if (found?.kind === 'any') return party.machines.length > 0 || [...networkSpace, ...routes].some((range) => meets(party, range))
  return found !== undefined && isNamed(found, selector, party)
}

/** Whether a selector as a destination, but for `autogroup:self`, has an address in common with the party. */
export function isDestination(compiled: CompiledPolicy, selector: number, party: Party): boolean {
  const found = compiled.selectors[selector]
  if (found?.kind === 'any') return true
  if (found?.kind === 'internet') return publicSpace.some((range) => meets(party, range))
  return found !== undefined && isNamed(found, selector, party)
}

function isNamed(selector: Selector, number: number, party: Party): boolean {
  if (selector.kind === 'range') return meets(party, selector.range)
  if (selector.kind === 'ipset') return selector.ranges.some((range) => meets(party, range))
  return party.machines.some(({ subject, bits }) => ((subject.hits[number] ?? 0) & bits) !== 0)
}

export function meets(party: Party, range: AddressRange): boolean {
  return party.ranges.some((own) => overlaps(own, range))
}
