import { formatIpEntry } from '../ports.ts'
import type { GrantTerms } from '../relay-terms.ts'
import { type Bits, type Class, hasBit, setBit, wordsFor } from './classes.ts'
import { formatPorts, type PortSet, portsOf, withoutPorts } from './ports.ts'
import type { Rule, Rules } from './rules.ts'
import { termsChanges } from './terms.ts'

/** One thing that one end gains or loses towards another. `detail`: ports, a limit on relays in words, or a capability. */
export type Delta = { readonly gain: boolean; readonly kind: 'relay' | 'terms' | 'reach' | 'capability'; readonly detail: string }

export type Comparison = {
  /** Whether some changed rule has the class on that side. */
  readonly isSource: (end: Class) => boolean
  readonly isDestination: (end: Class) => boolean
  /** What changes between two classes; most often nothing. */
  readonly between: (src: Class, dst: Class) => readonly Delta[]
}

const nothing: readonly Delta[] = []

export function comparison({ rules, when }: Rules): Comparison {
  const words = wordsFor(rules.length)
  const maskOf = (counts: (rule: Rule, at: number) => boolean): Bits => {
    const bits = new Uint32Array(words)
    for (const [at, rule] of rules.entries()) if (counts(rule, at)) setBit(bits, at)
    return bits
  }
  const changed = maskOf((_, at) => when[at] !== 'both')
  const self = maskOf((rule) => rule.isSelf)
  const app = maskOf((rule) => rule.relay || rule.capabilities.length > 0)
  /** Which words have a changed rule at all: few. */
  const touched = [...changed.keys()].filter((word) => changed[word] !== 0)
  const hasSelf = rules.some(({ isSelf }) => isSelf)
  const gifts = giftsOf(rules)
  const [was, is] = [new Uint32Array(gifts.words), new Uint32Array(gifts.words)]
  /** By what joins two ends before and after. Bounded: gone with the comparison, and at most the pairs of classes. */
  const known = new Map<string, readonly Delta[]>()

  function between(src: Class, dst: Class): readonly Delta[] {
    const isSelf = hasSelf && src.owner !== undefined && src.owner === dst.owner
    const own = (w: number): number => (isSelf ? (src.src[w] ?? 0) & (self[w] ?? 0) : 0)
    const joins = (w: number): number => ((src.src4[w] ?? 0) & (dst.dst4[w] ?? 0)) | ((src.src6[w] ?? 0) & (dst.dst6[w] ?? 0)) | own(w)
    let isTouched = false
    for (const w of touched) isTouched ||= (joins(w) & (changed[w] ?? 0)) !== 0
    if (!isTouched) return nothing

    const pair = src.kind === 'machine' && dst.kind === 'machine' ? firstPair(src, dst) : undefined
    was.fill(0)
    is.fill(0)
    const add = (rule: number, gift: number): void => {
      if (gift < 0) return
      if (when[rule] !== 'after') setBit(was, gift)
      if (when[rule] !== 'before') setBit(is, gift)
    }
    for (let w = 0; w < words; w++) {
      const here = joins(w)
      if (here === 0) continue
      for (let left = here; left !== 0; left &= left - 1) {
        const rule = w * 32 + 31 - Math.clz32(left & -left)
        add(rule, gifts.ports[rule] ?? -1)
      }
      if (pair === undefined) continue
      for (let left = (((pair.src[w] ?? 0) & (pair.dst[w] ?? 0)) | own(w)) & (app[w] ?? 0); left !== 0; left &= left - 1) {
        const rule = w * 32 + 31 - Math.clz32(left & -left)
        add(rule, gifts.apps[rule] ?? -1)
      }
    }
    const key = `${dst.isRelay ? 'relay ' : ''}${was.join()} ${is.join()}`
    const made = known.get(key) ?? deltasOf(gifts.all, was, is, dst.isRelay)
    known.set(key, made)
    return made
  }

  const has = (bits: Bits): boolean => touched.some((w) => ((bits[w] ?? 0) & (changed[w] ?? 0)) !== 0)
  return {
    isSource: ({ src }) => has(src),
    // `self` selects nobody by itself: it is a destination of whoever shares its person.
    isDestination: ({ dst, owner }) => has(dst) || (hasSelf && owner !== undefined),
    between,
  }
}

/** What rules give, each thing once: ports by themselves, and relays with other capabilities. */
type Gifts = { readonly all: readonly Rule[]; readonly ports: readonly number[]; readonly apps: readonly number[]; readonly words: number }

/** By rule the number of what it gives; -1: nothing of that kind. */
function giftsOf(rules: readonly Rule[]): Gifts {
  const all: Rule[] = []
  /** Bounded by the rules, two each. */
  const numbers = new Map<string, number>()
  const number = (key: string, gift: Rule): number => {
    const made = numbers.get(key) ?? all.push(gift) - 1
    numbers.set(key, made)
    return made
  }
  const ports = rules.map((rule) => (rule.ip.length === 0 ? -1 : number(`ip ${rule.ip.map(formatIpEntry).join(' ')}`, { ...rule, relay: false, capabilities: [] })))
  const apps = rules.map((rule) => (rule.relay || rule.capabilities.length > 0 ? number(`app ${rule.relay} ${JSON.stringify(rule.terms)} ${rule.capabilities.join(' ')}`, { ...rule, ip: [] }) : -1))
  return { all, ports, apps, words: wordsFor(all.length) }
}

/** The one pair of addresses that is looked at for a capability (spec/coordination.md §5.2). */
function firstPair(src: Class, dst: Class): { readonly src: Bits; readonly dst: Bits } | undefined {
  for (const from of src.addresses) {
    const to = dst.addresses.find(({ family }) => family === from.family)
    if (to !== undefined) return { src: from.src, dst: to.dst }
  }
  return undefined
}

function deltasOf(gifts: readonly Rule[], was: Bits, is: Bits, isRelay: boolean): readonly Delta[] {
  const of = (bits: Bits): Given => {
    const given = gifts.filter((_, at) => hasBit(bits, at))
    return {
      ports: portsOf(given.flatMap(({ ip }) => ip)),
      relays: isRelay ? given.flatMap(({ relay, terms }) => (relay ? [terms] : [])) : [],
      capabilities: new Set(given.flatMap(({ capabilities }) => capabilities)),
    }
  }
  const [before, after] = [of(was), of(is)]
  const terms = before.relays.length > 0 && after.relays.length > 0 ? termsChanges(before.relays, after.relays) : []
  return [...differences(before, after, false), ...differences(after, before, true), ...terms.map((change) => ({ ...change, kind: 'terms' }) as const)]
}

type Given = { readonly ports: PortSet; readonly relays: readonly GrantTerms[]; readonly capabilities: ReadonlySet<string> }

/** What `a` has that `b` has not. */
function differences(a: Given, b: Given, gain: boolean): Delta[] {
  const ports = formatPorts(withoutPorts(a.ports, b.ports))
  return [
    ...(a.relays.length > 0 && b.relays.length === 0 ? [{ gain, kind: 'relay', detail: '' } as const] : []),
    ...(ports === '' ? [] : [{ gain, kind: 'reach', detail: ports } as const]),
    ...[...a.capabilities].filter((capability) => !b.capabilities.has(capability)).map((detail) => ({ gain, kind: 'capability', detail }) as const),
  ]
}
