import type { Address, AddressRange } from '../address.ts'
import type { CompiledPolicy } from '../compile.ts'
import type { PolicyNode } from '../model.ts'
import { coversPublicSpace } from '../route.ts'
import { addressWords, createRangeIndex } from './range-index.ts'

/** Which selectors of a policy select a node, found without asking each. Lists are of selectors' numbers, in no order. */
export type Lookup = {
  /** Those that select it by what it is: they hit all of its addresses. */
  readonly byIdentity: (node: PolicyNode) => Identity
  /** Literals that contain an address. */
  readonly byAddress: (address: Address) => readonly number[]
  /** What selects something behind a node with these routes; each once. */
  readonly behind: (routes: readonly AddressRange[], exit: boolean) => readonly number[]
}

/** Selectors of who a node is. The same number for the same selectors. */
export type Identity = { readonly number: number; readonly selectors: readonly number[] }

/** Of each policy once. Bounded: gone with the policy. */
const lookups = new WeakMap<CompiledPolicy, Lookup>()

const most = 20_000

export function lookupOf(compiled: CompiledPolicy): Lookup {
  const known = lookups.get(compiled) ?? createLookup(compiled)
  lookups.set(compiled, known)
  return known
}

function createLookup({ selectors, groups }: CompiledPolicy): Lookup {
  /** By person, `*@domain` or tag. Bounded: members of groups and selectors of the policy. */
  const named = new Map<string, number[]>()
  const always: number[] = []
  /** By autogroup. Bounded: there are nine. */
  const autogroups = new Map<string, number[]>()
  const outside: number[] = []
  const ranges: { range: AddressRange; number: number }[] = []
  const add = (to: Map<string, number[]>, key: string, number: number): void => {
    const list = to.get(key)
    if (list === undefined) to.set(key, [number])
    else list.push(number)
  }
  for (const [number, selector] of selectors.entries()) {
    switch (selector.kind) {
      case 'any': case 'danger-all': always.push(number); break
      case 'person': add(named, selector.email, number); break
      case 'domain': add(named, `*@${selector.domain}`, number); break
      case 'tag': add(named, selector.name, number); break
      case 'group': for (const member of groups.get(selector.name) ?? []) add(named, member, number); break
      case 'autogroup': add(autogroups, selector.name, number); break
      case 'internet': outside.push(number); break
      // Of no one node alone.
      case 'self': break
      case 'range': ranges.push({ range: selector.range, number }); break
      case 'ipset':
        for (const range of selector.ranges) ranges.push({ range, number })
        if (coversPublicSpace(selector.ranges)) outside.push(number)
    }
  }
  const index = createRangeIndex(ranges)
  const of = (from: Map<string, number[]>, key: string): readonly number[] => from.get(key) ?? []

  // A person may be in a group by name and by domain.
  const ofPerson = (owner: string): number[] => [...new Set([...of(named, owner), ...of(named, `*@${owner.slice(owner.lastIndexOf('@') + 1)}`)])]

  function selectorsOf({ tags, owner, ownerRole }: PolicyNode): readonly number[] {
    // As soon as a node has a tag its owner does not count, in any rule (spec/policy.md §3.3).
    if (tags.length > 0) return [...always, ...of(autogroups, 'tagged'), ...new Set(tags.flatMap((tag) => of(named, tag)))]
    return [
      ...always, ...of(autogroups, 'member'), ...(owner === undefined ? [] : ofPerson(owner.toLowerCase())),
      ...(ownerRole === 'owner' ? of(autogroups, 'owner') : []), ...(ownerRole === 'owner' || ownerRole === 'admin' ? of(autogroups, 'admin') : []),
    ]
  }

  /** By who nodes are: begun anew at `most`. By selectors: bounded by what nodes of networks were, as long as the policy stands. */
  const identities = new Map<string, Identity>()
  const numbers = new Map<string, Identity>()

  return {
    byIdentity(node) {
      const who = node.tags.length > 0 ? node.tags.join() : `${node.owner ?? ''} ${node.ownerRole ?? ''}`
      const known = identities.get(who)
      if (known !== undefined) return known
      if (identities.size >= most) identities.clear()
      const selectors = [...selectorsOf(node)].sort((a, b) => a - b)
      const text = selectors.join()
      const made = numbers.get(text) ?? { number: numbers.size, selectors }
      numbers.set(text, made)
      identities.set(who, made)
      return made
    },
    byAddress(address) {
      const words = addressWords(address)
      const found: number[] = []
      index.overlapping(address.family, words, words, (number) => found.push(number))
      return found
    },
    behind(routes, exit) {
      const found = new Set<number>(exit ? outside : [])
      for (const { family, first, last } of routes) {
        index.overlapping(family, addressWords({ family, value: first }), addressWords({ family, value: last }), (number) => found.add(number))
      }
      return [...found]
    },
  }
}
