import type { Policy, PolicyNode } from '@/policy/index.ts'
import { mayStand } from '@/policy/read/positions.ts'
import { selectedBy, selectorNamed } from '@/policy/selected.ts'

export type OptionKind = 'autogroups' | 'tags' | 'groups' | 'people' | 'machines' | 'hosts' | 'ipsets'
/** Where a selector is to stand: not every kind may stand everywhere (spec/policy.md §3.2). */
export type SelectorPlace = 'source' | 'destination' | 'router' | 'member' | 'owner'

export type SelectorOption = {
  /** As it is written. */
  readonly value: string
  readonly kind: OptionKind
  /** In words, beside what is written; empty: it says all. */
  readonly detail: string
  /** In lower case, what typing finds it by. */
  readonly search: string
}

export const kindLabels: Readonly<Record<OptionKind, string>> = {
  autogroups: 'Everybody and roles', tags: 'Tags', groups: 'Groups', people: 'People', machines: 'Machines, by address', hosts: 'Hosts', ipsets: 'IP sets',
}
const kinds: readonly OptionKind[] = ['tags', 'groups', 'people', 'machines', 'hosts', 'ipsets', 'autogroups']

/** Autogroups that are somebody here. */
const everybody: readonly (readonly [value: string, detail: string])[] = [
  ['autogroup:member', 'machines of people'], ['autogroup:tagged', 'machines with a tag'], ['autogroup:self', 'the same person’s machines'],
  ['autogroup:internet', 'the internet, through exit nodes'], ['autogroup:owner', 'machines of the owner'], ['autogroup:admin', 'machines of owner and admins'],
]

export type Known = {
  readonly policy: Policy
  readonly machines: readonly PolicyNode[]
  readonly people: readonly { readonly email: string; readonly name?: string }[]
}

/** Everything that can be written at a place, by kind. */
export function selectorOptions({ policy, machines, people }: Known, place: SelectorPlace): SelectorOption[] {
  const option = (kind: OptionKind, value: string, detail = '', more = ''): SelectorOption => ({ kind, value, detail, search: `${value} ${detail} ${more}`.toLowerCase() })
  const wearers = (tag: string): string => machines.filter(({ tags }) => tags.includes(tag)).map(({ name }) => name).join(' ')
  const all = [
    ...[...policy.tagOwners.keys()].map((tag) => option('tags', tag, '', wearers(tag))),
    ...[...policy.groups].map(([group, members]) => option('groups', group, '', members.map(({ text }) => text).join(' '))),
    ...people.map(({ email, name = '' }) => option('people', email, name)),
    ...machines.flatMap(({ name, addresses: [address], tags }) => (address === undefined ? [] : [option('machines', address, name, tags.join(' '))])),
    ...[...policy.hosts.keys()].map((host) => option('hosts', host)),
    ...[...policy.ipsets.keys()].map((set) => option('ipsets', set)),
    option('autogroups', '*', place === 'destination' ? 'every machine, address and route' : 'every machine'),
    ...everybody.map(([value, detail]) => option('autogroups', value, detail)),
  ]
  const position = place === 'router' ? 'via' : place
  return all.filter(({ value }) => mayStand(value, position))
}

/** More than this would not be read; typing narrows them. */
const maxShown = 30

/** Those that fit what is typed by kind, those that begin with it first: of a kind, and the kinds that have one. */
export function fittingOptions(options: readonly SelectorOption[], typed: string, taken: readonly string[]): SelectorOption[] {
  const words = typed.toLowerCase().split(/\s+/).filter((word) => word !== '')
  const fitting = options.filter(({ value, search }) => !taken.includes(value) && words.every((word) => search.includes(word)))
  const rank = ({ value, detail }: SelectorOption): number => {
    const first = words[0]
    if (first === undefined) return 0
    const names = [value.toLowerCase(), detail.toLowerCase()]
    if (names.some((name) => name.startsWith(first) || name.includes(`:${first}`))) return 0
    // The rest is found by what it stands for, as a tag by its machines.
    return names.some((name) => name.includes(first)) ? 1 : 2
  }
  const byKind = kinds
    .map((kind) => fitting.filter((option) => option.kind === kind).toSorted((a, b) => rank(a) - rank(b)))
    .map((ofKind) => ({ ofKind, best: ofKind[0] === undefined ? 3 : rank(ofKind[0]) }))
    .toSorted((a, b) => a.best - b.best)
    .map(({ ofKind }) => ofKind)
  // Some of each kind, so that none hides the others.
  const each = Math.ceil(maxShown / Math.max(1, byKind.filter(({ length }) => length > 0).length))
  return byKind.flatMap((ofKind) => ofKind.slice(0, each))
}

/** How many machines each option is today, with those that it lies behind; not of `autogroup:self` and `autogroup:internet`, which are none by themselves. Bounded by the options. */
export function machineCounts({ policy, machines }: Known, options: readonly SelectorOption[]): ReadonlyMap<string, number> {
  const known = options.flatMap(({ value }) => {
    const selector = selectorNamed(value, policy)
    return selector === undefined || selector.kind === 'self' || selector.kind === 'internet' ? [] : [{ value, selector }]
  })
  const selected = selectedBy(policy, known.map(({ selector }) => selector), machines)
  return new Map(known.map(({ value, selector }) => {
    const { own, behind } = selected(selector)
    return [value, new Set([...own, ...behind]).size]
  }))
}

/** The machine that has an address. Bounded by the machines' addresses. */
export function machineNames(machines: readonly PolicyNode[]): (address: string) => string | undefined {
  const names = new Map(machines.flatMap(({ name, addresses }) => addresses.map((address): [string, string] => [address, name])))
  return (address) => names.get(address)
}
