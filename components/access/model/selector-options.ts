import { compilePolicy, isSelected, subjectOf } from '@/policy/compile.ts'
import type { Grant, Policy, PolicyNode } from '@/policy/index.ts'
import { parseSelector, type Selector } from '@/policy/selector.ts'

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

const everybody: readonly { readonly value: string; readonly detail: string; readonly places: readonly SelectorPlace[] }[] = [
  { value: '*', detail: 'every machine', places: ['source'] },
  { value: '*', detail: 'every machine, address and route', places: ['destination'] },
  { value: 'autogroup:member', detail: 'machines of people', places: ['source', 'destination', 'owner'] },
  { value: 'autogroup:tagged', detail: 'machines with a tag', places: ['source', 'destination'] },
  { value: 'autogroup:self', detail: 'the same person’s machines', places: ['destination'] },
  { value: 'autogroup:internet', detail: 'the internet, through exit nodes', places: ['destination'] },
  { value: 'autogroup:owner', detail: 'machines of the owner', places: ['source', 'destination', 'owner'] },
  { value: 'autogroup:admin', detail: 'machines of owner and admins', places: ['source', 'destination', 'owner'] },
]

const kindsOf: Readonly<Record<SelectorPlace, readonly OptionKind[]>> = {
  source: kinds, destination: kinds, router: ['tags'], member: ['people'], owner: ['people', 'groups', 'tags', 'autogroups'],
}

export type Known = {
  readonly policy: Policy
  readonly machines: readonly PolicyNode[]
  readonly people: readonly { readonly email: string; readonly name?: string }[]
}

/** Everything that can be written at a place, by kind. */
export function selectorOptions({ policy, machines, people }: Known, place: SelectorPlace): SelectorOption[] {
  const option = (kind: OptionKind, value: string, detail = '', more = ''): SelectorOption => ({ kind, value, detail, search: `${value} ${detail} ${more}`.toLowerCase() })
  const wearers = (tag: string): string => machines.filter(({ tags }) => tags.includes(tag)).map(({ name }) => name).join(' ')
  const all: Readonly<Record<OptionKind, () => SelectorOption[]>> = {
    tags: () => [...policy.tagOwners.keys()].map((tag) => option('tags', tag, '', wearers(tag))),
    groups: () => [...policy.groups].map(([group, members]) => option('groups', group, '', members.map(({ text }) => text).join(' '))),
    people: () => people.map(({ email, name = '' }) => option('people', email, name)),
    machines: () => machines.flatMap(({ name, addresses: [address], tags }) => (address === undefined ? [] : [option('machines', address, name, tags.join(' '))])),
    hosts: () => [...policy.hosts.keys()].map((host) => option('hosts', host)),
    ipsets: () => [...policy.ipsets.keys()].map((set) => option('ipsets', set)),
    autogroups: () => everybody.filter(({ places }) => places.includes(place)).map(({ value, detail }) => option('autogroups', value, detail)),
  }
  return kindsOf[place].flatMap((kind) => all[kind]())
}

/** More than this would not be read; typing narrows them. */
const maxShown = 30

/** Those that fit what is typed, those that begin with it first within their kind. */
export function fittingOptions(options: readonly SelectorOption[], typed: string, taken: readonly string[]): SelectorOption[] {
  const words = typed.toLowerCase().split(/\s+/).filter((word) => word !== '')
  const fitting = options.filter(({ value, search }) => !taken.includes(value) && words.every((word) => search.includes(word)))
  const rank = ({ value, detail }: SelectorOption): number => {
    const first = words[0]
    if (first === undefined || value.toLowerCase().startsWith(first) || detail.toLowerCase().startsWith(first)) return 0
    return value.toLowerCase().includes(`:${first}`) ? 0 : 1
  }
  const byKind = kinds.map((kind) => fitting.filter((option) => option.kind === kind).toSorted((a, b) => rank(a) - rank(b)))
  // Some of each kind, so that none hides the others.
  const each = Math.ceil(maxShown / Math.max(1, byKind.filter(({ length }) => length > 0).length))
  return byKind.flatMap((ofKind) => ofKind.slice(0, each))
}

/** How many machines each option is today. Bounded by the options. */
export function machineCounts({ policy, machines }: Known, options: readonly SelectorOption[]): ReadonlyMap<string, number> {
  const place = { offset: 0, length: 0, line: 1, column: 1 }
  const known = options.flatMap(({ value }) => {
    const selector = selectorOf(policy, value)
    return selector === undefined ? [] : [{ value, selector }]
  })
  const grants = known.map(({ value, selector }, index): Grant => (
    { index, origin: { list: 'grants', index }, place, src: [{ text: value, selector, place }], dst: [], ip: [], app: new Map(), via: [] }
  ))
  const compiled = compilePolicy({ ...policy, grants })
  const counts = new Map(known.map(({ value }) => [value, 0]))
  for (const machine of machines) {
    const subject = subjectOf(compiled, machine)
    for (const [i, grant] of compiled.grants.entries()) {
      const value = known[i]?.value
      if (value !== undefined && isSelected(subject, grant.src)) counts.set(value, (counts.get(value) ?? 0) + 1)
    }
  }
  return counts
}

/** Undefined: it is no machines by itself, as whose machines `autogroup:self` is depends on who asks. */
function selectorOf(policy: Policy, text: string): Selector | undefined {
  const ranges = policy.ipsets.get(text)
  if (ranges !== undefined) return { kind: 'ipset', name: text, ranges }
  const parsed = parseSelector(text)
  const written = parsed.ok ? parsed.value : undefined
  switch (written?.kind) {
    case 'host': {
      const range = policy.hosts.get(written.name)
      return range === undefined ? undefined : { kind: 'range', range }
    }
    case 'any': case 'person': case 'domain': case 'group': case 'tag': case 'autogroup': case 'range': return written
    default: return undefined
  }
}

/** The machine that has an address. Bounded by the machines' addresses. */
export function machineNames(machines: readonly PolicyNode[]): (address: string) => string | undefined {
  const names = new Map(machines.flatMap(({ name, addresses }) => addresses.map((address): [string, string] => [address, name])))
  return (address) => names.get(address)
}
