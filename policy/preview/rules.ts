import { type Json, relayCapability } from '../capability.ts'
import type { CompiledGrant, CompiledPolicy, SelectorUse } from '../compile.ts'
import { formatIpEntry, type IpEntry } from '../ports.ts'
import { type GrantTerms, grantTerms } from '../relay-terms.ts'
import { type Selector, selectorKey } from '../selector.ts'

/** A selector of one of the two policies, or of both with the same meaning. */
export type SharedSelector = { readonly key: string; readonly selector: Selector; readonly compiled: CompiledPolicy; readonly number: number }

/** A grant of one of the two policies, or of both with the same meaning. Selectors are numbers into `Rules.selectors`. */
export type Rule = {
  readonly src: readonly number[]
  readonly dst: readonly number[]
  readonly via: readonly number[]
  readonly ip: readonly IpEntry[]
  readonly relay: boolean
  /** Of a rule that gives relays: what it limits. */
  readonly terms: GrantTerms
  /** The other capabilities that it gives, each with its values as one text. */
  readonly capabilities: readonly string[]
  readonly isSelf: boolean
}

/** The grants of two policies, those that say the same once: in `both`, `before` or `after`. */
export type Rules = {
  readonly selectors: readonly SharedSelector[]
  readonly rules: readonly Rule[]
  readonly when: readonly ('both' | 'before' | 'after')[]
}

export function rulesOf(before: CompiledPolicy, after: CompiledPolicy): Rules {
  const selectors: SharedSelector[] = []
  /** By meaning. Bounded by the selectors of the two policies. */
  const numbers = new Map<string, number>()
  const shared = (compiled: CompiledPolicy): readonly number[] => compiled.selectors.map((selector, number) => {
    const key = meaning(compiled, selector)
    const known = numbers.get(key) ?? selectors.push({ key: selectorKey(selector), selector, compiled, number }) - 1
    numbers.set(key, known)
    return known
  })

  const found = new Map<string, { readonly rule: Rule; when: Rules['when'][number] }>()
  const add = (compiled: CompiledPolicy, when: 'before' | 'after'): void => {
    const of = shared(compiled)
    for (const grant of compiled.grants) {
      const rule = ruleOf(grant, of, selectors)
      const key = JSON.stringify(rule)
      const known = found.get(key)
      if (known === undefined) found.set(key, { rule, when })
      else if (known.when !== when) known.when = 'both'
    }
  }
  add(before, 'before')
  add(after, 'after')
  const all = [...found.values()]
  return { selectors, rules: all.map(({ rule }) => rule), when: all.map(({ when }) => when) }
}

/** Equal texts select the same, in whichever policy: what a name stands for is part of it. */
function meaning({ groups }: CompiledPolicy, selector: Selector): string {
  const key = selectorKey(selector)
  if (selector.kind === 'group') return `${key} = ${[...(groups.get(selector.name) ?? [])].toSorted().join()}`
  return selector.kind === 'ipset' ? `${key} = ${selector.ranges.map(({ family, first, last }) => `${family}:${first}-${last}`).join()}` : key
}

const noTerms: GrantTerms = { prefer: 0 }

function ruleOf(grant: CompiledGrant, of: readonly number[], selectors: readonly SharedSelector[]): Rule {
  const { src, dst, via, ip, app } = grant
  const side = (uses: readonly SelectorUse[]): number[] => [...new Set(uses.flatMap(({ selector }) => of[selector] ?? []))].toSorted((a, b) => a - b)
  const destinations = side(dst)
  const isVia = via.length > 0
  return {
    src: side(src), dst: destinations, via: side(via),
    ip: ip.toSorted((a, b) => (formatIpEntry(a) < formatIpEntry(b) ? -1 : 1)),
    // Through a router only ports come (spec/policy.md §7.7).
    relay: !isVia && app.has(relayCapability),
    terms: isVia ? noTerms : grantTerms(grant),
    capabilities: isVia ? [] : [...app].filter(([name]) => name !== relayCapability).map(([name, values]) => capabilityText(name, values)).toSorted(),
    isSelf: destinations.some((number) => selectors[number]?.selector.kind === 'self'),
  }
}

function capabilityText(name: string, values: readonly Json[]): string {
  return values.length === 0 ? name : `${name} ${values.map((value) => JSON.stringify(value)).join(', ')}`
}
