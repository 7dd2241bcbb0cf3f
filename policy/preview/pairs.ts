import { type Bits, type Class, wordsFor } from './classes.ts'
import { formatPorts, noPorts, type PortSet, portsOf, withoutPorts } from './ports.ts'
import type { Rule, Rules } from './rules.ts'

/** One thing that one end gains or loses towards another. `detail`: ports, or a capability. */
export type Delta = { readonly gain: boolean; readonly kind: 'relay' | 'reach' | 'capability'; readonly detail: string }

/** Which rules count where. */
type Masks = { readonly changed: Bits; readonly before: Bits; readonly after: Bits; readonly self: Bits; readonly ip: Bits; readonly app: Bits }

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
    for (const [at, rule] of rules.entries()) if (counts(rule, at)) bits[at >>> 5] = (bits[at >>> 5] ?? 0) | (1 << (at & 31))
    return bits
  }
  const masks: Masks = {
    changed: maskOf((_, at) => when[at] !== 'both'), before: maskOf((_, at) => when[at] !== 'after'), after: maskOf((_, at) => when[at] !== 'before'),
    self: maskOf((rule) => rule.isSelf), ip: maskOf((rule) => rule.ip.length > 0), app: maskOf((rule) => rule.relay || rule.capabilities.length > 0),
  }
  /** Which words have a changed rule at all: few. */
  const touched = [...masks.changed.keys()].filter((word) => masks.changed[word] !== 0)
  const hasSelf = masks.self.some((word) => word !== 0)
  /** By the rules that join two ends. Bounded: gone with the comparison, and at most the pairs of classes. */
  const known = new Map<string, readonly Delta[]>()

  function between(src: Class, dst: Class): readonly Delta[] {
    const isSelf = hasSelf && src.owner !== undefined && src.owner === dst.owner
    const joins = (w: number): number => ((src.src4[w] ?? 0) & (dst.dst4[w] ?? 0)) | ((src.src6[w] ?? 0) & (dst.dst6[w] ?? 0)) | (isSelf ? (src.src[w] ?? 0) & (masks.self[w] ?? 0) : 0)
    if (!touched.some((w) => (joins(w) & (masks.changed[w] ?? 0)) !== 0)) return nothing
    const pair = src.kind === 'machine' && dst.kind === 'machine' ? firstPair(src, dst) : undefined
    let key = dst.isRelay ? 'relay' : ''
    const ip = new Uint32Array(words)
    const app = new Uint32Array(words)
    for (let w = 0; w < words; w++) {
      const here = joins(w)
      if (here === 0) continue
      ip[w] = here & (masks.ip[w] ?? 0)
      if (pair !== undefined) {
        const own = isSelf ? (src.src[w] ?? 0) & (masks.self[w] ?? 0) : 0
        app[w] = (((pair.src[w] ?? 0) & (pair.dst[w] ?? 0)) | own) & (masks.app[w] ?? 0)
      }
      key += ` ${w}:${ip[w]}:${app[w]}`
    }
    const made = known.get(key) ?? deltasOf(rules, masks, ip, app, dst.isRelay)
    known.set(key, made)
    return made
  }

  const has = (bits: Bits): boolean => touched.some((w) => ((bits[w] ?? 0) & (masks.changed[w] ?? 0)) !== 0)
  return {
    isSource: ({ src }) => has(src),
    // `self` selects nobody by itself: it is a destination of whoever shares its person.
    isDestination: ({ dst, owner }) => has(dst) || (hasSelf && owner !== undefined),
    between,
  }
}

/** The one pair of addresses that is looked at for a capability (spec/coordination.md §5.2). */
function firstPair(src: Class, dst: Class): { readonly src: Bits; readonly dst: Bits } | undefined {
  for (const from of src.addresses) {
    const to = dst.addresses.find(({ family }) => family === from.family)
    if (to !== undefined) return { src: from.src, dst: to.dst }
  }
  return undefined
}

function deltasOf(rules: readonly Rule[], masks: Masks, ip: Bits, app: Bits, isRelay: boolean): readonly Delta[] {
  const pick = (bits: Bits, mask: Bits): Rule[] => rules.filter((_, at) => (((bits[at >>> 5] ?? 0) & (mask[at >>> 5] ?? 0)) >>> (at & 31) & 1) === 1)
  const of = (mask: Bits) => {
    const given = pick(app, mask)
    return {
      ports: reach(pick(ip, mask)),
      relay: isRelay && given.some(({ relay }) => relay),
      capabilities: new Set(given.flatMap(({ capabilities }) => capabilities)),
    }
  }
  const was = of(masks.before)
  const is = of(masks.after)
  return [...differences(was, is, false), ...differences(is, was, true)]
}

type Given = { readonly ports: PortSet; readonly relay: boolean; readonly capabilities: ReadonlySet<string> }

/** What `a` has that `b` has not. */
function differences(a: Given, b: Given, gain: boolean): Delta[] {
  const ports = formatPorts(withoutPorts(a.ports, b.ports))
  return [
    ...(a.relay && !b.relay ? [{ gain, kind: 'relay', detail: '' } as const] : []),
    ...(ports === '' ? [] : [{ gain, kind: 'reach', detail: ports } as const]),
    ...[...a.capabilities].filter((capability) => !b.capabilities.has(capability)).map((detail) => ({ gain, kind: 'capability', detail }) as const),
  ]
}

function reach(rules: readonly Rule[]): PortSet {
  return rules.length === 0 ? noPorts : portsOf(rules.flatMap(({ ip }) => ip))
}
