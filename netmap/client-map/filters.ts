import { type FilterRule, relayCapability, relayTargetCapability } from '../../policy/index.ts'
import type { FilterRuleWire } from '../../protocol/tailcfg/index.ts'

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
  for (const rule of filter) {
    const kind = kindOf(rule)
    if (rule.SrcIPs.length <= partSources) {
      add(kind, wireRule(rule, rule.SrcIPs))
      continue
    }
    const what = hash(JSON.stringify([rule.IPProto, rule.DstPorts, rule.CapGrant])).toString(36)
    for (const [part, sources] of partsOf(rule.SrcIPs)) add(`${kind}-${what}-${part}`, wireRule(rule, sources))
  }
  made.set(filter, chunks)
  return chunks
}

function kindOf({ CapGrant }: FilterRule): string {
  if (CapGrant === undefined) return 'base'
  const isRelays = CapGrant.every(({ CapMap }) => Object.keys(CapMap).every((name) => name === relayCapability || name === relayTargetCapability))
  return isRelays ? 'relay' : 'grants'
}

/** Of each list once: one list is in the filters of many nodes. Bounded: gone with the list. */
const parts = new WeakMap<readonly string[], ReadonlyMap<string, readonly string[]>>()

/** By the number of parts and which one: stable until a list doubles. */
function partsOf(sources: readonly string[]): ReadonlyMap<string, readonly string[]> {
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
  parts.set(sources, split)
  return split
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}

function wireRule({ DstPorts, IPProto, CapGrant }: FilterRule, sources: readonly string[]): FilterRuleWire {
  return {
    SrcIPs: [...sources],
    ...(DstPorts !== undefined && { DstPorts: DstPorts.map(({ IP, Ports }) => ({ IP, Ports: { ...Ports } })) }),
    ...(IPProto !== undefined && { IPProto: [...IPProto] }),
    ...(CapGrant !== undefined && { CapGrant: CapGrant.map(({ Dsts, CapMap }) => ({ Dsts: [...Dsts], CapMap: capMap(CapMap) })) }),
  }
}

function capMap(map: NonNullable<FilterRule['CapGrant']>[number]['CapMap']): Record<string, unknown[] | null> {
  return Object.fromEntries(Object.entries(map).map(([name, values]) => [name, values === null ? null : [...values]]))
}
