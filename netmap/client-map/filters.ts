import { type FilterRule, relayCapability, relayTargetCapability } from '../../policy/index.ts'
import type { FilterRuleWire } from '../../protocol/tailcfg/index.ts'
import { equal } from '../compare.ts'
import { hash, partsDelta, partsOf, partSources } from './source-parts.ts'

/** A packet filter in named chunks, so that a change sends only the chunk that it is in; null: that one is no more. */
export type Chunks = Record<string, FilterRuleWire[] | null>

/**
 * Rules by what their chunks are named after: those with few sources by what they are about, in one chunk; each with many by where
 * it leads, in chunks of some sources each, which together allow the same. `base` is always there.
 */
type Blocks = ReadonlyMap<string, readonly FilterRule[]>

/** Of each filter once. Bounded: gone with the filter. */
const made = new WeakMap<readonly FilterRule[], Blocks>()

function blocksOf(filter: readonly FilterRule[]): Blocks {
  const known = made.get(filter)
  if (known !== undefined) return known
  const blocks = new Map<string, FilterRule[]>([['base', []]])
  for (const rule of filter) {
    const name = blockName(rule)
    const rules = blocks.get(name)
    if (rules === undefined) blocks.set(name, [rule])
    else rules.push(rule)
  }
  made.set(filter, blocks)
  return blocks
}

const isLong = ({ SrcIPs }: FilterRule): boolean => SrcIPs.length > partSources

function blockName(rule: FilterRule): string {
  const kind = kindOf(rule)
  return isLong(rule) ? `${kind}-${hash(JSON.stringify(target(rule))).toString(36)}` : kind
}

function kindOf({ CapGrant }: FilterRule): string {
  if (CapGrant === undefined) return 'base'
  const isRelays = CapGrant.every(({ CapMap }) => Object.keys(CapMap).every((name) => name === relayCapability || name === relayTargetCapability))
  return isRelays ? 'relay' : 'grants'
}

const target = ({ IPProto, DstPorts, CapGrant }: FilterRule) => [IPProto, DstPorts, CapGrant] as const

/** All chunks of a filter. */
export function chunksOf(filter: readonly FilterRule[]): Record<string, FilterRuleWire[]> {
  return Object.assign({}, ...[...blocksOf(filter)].map(([name, rules]) => Object.fromEntries(blockChunks(name, rules))))
}

function blockChunks(name: string, rules: readonly FilterRule[]): Map<string, FilterRuleWire[]> {
  const chunks = new Map<string, FilterRuleWire[]>()
  const add = (chunk: string, rule: FilterRuleWire): void => void chunks.set(chunk, [...(chunks.get(chunk) ?? []), rule])
  if (name === 'base') chunks.set(name, [])
  for (const rule of rules) {
    if (!isLong(rule)) add(name, wireRule(rule, [...rule.SrcIPs]))
    else for (const [part, sources] of partsOf(rule.SrcIPs)) add(`${name}-${part}`, wireRule(rule, sources))
  }
  return chunks
}

/** The chunks that turn one filter into another. */
export function chunksDelta(before: readonly FilterRule[], after: readonly FilterRule[]): Chunks {
  if (before === after) return {}
  const [was, is] = [blocksOf(before), blocksOf(after)]
  const changed: Chunks = {}
  for (const name of new Set([...was.keys(), ...is.keys()])) {
    const [old, fresh] = [was.get(name) ?? [], is.get(name) ?? []]
    if (old.length !== fresh.length || !old.every((rule, i) => rule === fresh[i])) Object.assign(changed, blockDelta(name, old, fresh))
  }
  return changed
}

function blockDelta(name: string, before: readonly FilterRule[], after: readonly FilterRule[]): Chunks {
  const [old, rule] = [before[0], after[0]]
  if (before.length === 1 && after.length === 1 && old && rule && isLong(old) && isLong(rule) && equal(target(old), target(rule))) {
    return Object.fromEntries(partsDelta(old.SrcIPs, rule.SrcIPs).map(([part, sources]) => [`${name}-${part}`, sources && [wireRule(rule, sources)]]))
  }
  const [was, is] = [blockChunks(name, before), blockChunks(name, after)]
  const gone = [...was.keys()].filter((chunk) => !is.has(chunk)).map((chunk) => [chunk, null] as const)
  return Object.fromEntries([...gone, ...[...is].filter(([chunk, rules]) => !equal(was.get(chunk), rules))])
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
