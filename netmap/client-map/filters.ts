import { type FilterRule, relayCapability, relayTargetCapability } from '../../policy/index.ts'
import type { FilterRuleWire } from '../../protocol/tailcfg/index.ts'
import { equal } from '../compare.ts'

/** A packet filter in named parts, so that a change sends only the part that it is in. `base` is always there. */
export type Chunks = ReadonlyMap<string, readonly FilterRuleWire[]>

/** Sources in one part of a filter: of longer lists one machine more sends a part only. */
const partSources = 32

/** Of each filter once. Bounded: gone with the filter. */
const made = new WeakMap<readonly FilterRule[], Chunks>()

/** The parts of a filter. A rule with many sources is several, each with some of them: that allows the same. */
export function chunksOf(filter: readonly FilterRule[]): Chunks {
  const known = made.get(filter)
  if (known !== undefined) return known
  const chunks = new Map<string, FilterRuleWire[]>([['base', []]])
  const add = (name: string, rule: FilterRuleWire): void => {
    const rules = chunks.get(name)
    if (rules === undefined) chunks.set(name, [rule])
    else rules.push(rule)
  }
  for (const rule of filter) for (const [name, part] of partsOfRule(rule)) add(name, part)
  made.set(filter, chunks)
  return chunks
}

/** Of each rule once: most stay when a filter changes. Bounded: gone with the rule. */
const rules = new WeakMap<FilterRule, readonly (readonly [string, FilterRuleWire])[]>()

function partsOfRule(rule: FilterRule): readonly (readonly [string, FilterRuleWire])[] {
  const known = rules.get(rule)
  if (known !== undefined) return known
  const kind = kindOf(rule)
  const what = hash(JSON.stringify([rule.IPProto, rule.DstPorts, rule.CapGrant])).toString(36)
  const split = rule.SrcIPs.length <= partSources
    ? [[kind, wireRule(rule, [...rule.SrcIPs])] as const]
    : [...partsOf(rule.SrcIPs)].map(([part, sources]) => [`${kind}-${what}-${part}`, wireRule(rule, sources)] as const)
  rules.set(rule, split)
  return split
}

function kindOf({ CapGrant }: FilterRule): string {
  if (CapGrant === undefined) return 'base'
  const isRelays = CapGrant.every(({ CapMap }) => Object.keys(CapMap).every((name) => name === relayCapability || name === relayTargetCapability))
  return isRelays ? 'relay' : 'grants'
}

/** Of each list once: one list is in the filters of many nodes. Bounded: gone with the list. */
const parts = new WeakMap<readonly string[], ReadonlyMap<string, string[]>>()

const maxRecent = 4096
/** Parts as they were last: in a list with one source more, most are the same objects. Bounded: `maxRecent`, then begun anew. */
const recent = new Map<string, string[]>()

/** By the number of parts and which one: stable until a list doubles. */
function partsOf(sources: readonly string[]): ReadonlyMap<string, string[]> {
  const known = parts.get(sources)
  if (known !== undefined) return known
  const count = 2 ** Math.ceil(Math.log2(sources.length / partSources))
  const split = new Map<string, string[]>()
  for (const source of sources) {
    const name = `${hash(source) % count}.${count}`
    const list = split.get(name)
    if (list === undefined) split.set(name, [source])
    else list.push(source)
  }
  for (const [name, list] of split) {
    const key = `${name} ${list[0] ?? ''}`
    const last = recent.get(key)
    if (last !== undefined && equal(last, list)) split.set(name, last)
    else if (recent.size >= maxRecent) recent.clear()
    recent.set(key, split.get(name) ?? list)
  }
  parts.set(sources, split)
  return split
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}

function wireRule({ DstPorts, IPProto, CapGrant }: FilterRule, sources: string[]): FilterRuleWire {
  return {
    SrcIPs: sources,
    ...(DstPorts !== undefined && { DstPorts: DstPorts.map(({ IP, Ports }) => ({ IP, Ports: { ...Ports } })) }),
    ...(IPProto !== undefined && { IPProto: [...IPProto] }),
    ...(CapGrant !== undefined && { CapGrant: CapGrant.map(({ Dsts, CapMap }) => ({ Dsts: [...Dsts], CapMap: capMap(CapMap) })) }),
  }
}

function capMap(map: NonNullable<FilterRule['CapGrant']>[number]['CapMap']): Record<string, unknown[] | null> {
  return Object.fromEntries(Object.entries(map).map(([name, values]) => [name, values === null ? null : [...values]]))
}
