import { z } from 'zod'
import { parsePrefix, parseRange, rangeOf, type AddressRange } from '../../../policy/address.ts'
import { parseAddress } from '../../../policy/index.ts'

/** A part of what a filter allows: what, from whom, to whom. Capabilities have the one port 0. */
export type Box = {
  /** A protocol by its number, or a capability with one of its values. */
  readonly what: string
  readonly src: AddressRange
  readonly dst: AddressRange
  readonly ports: { readonly first: number; readonly last: number }
}

/** A rule as recorded or as compiled: what is absent or null allows nothing. */
const ruleSchema = z.looseObject({
  SrcIPs: z.array(z.string()).nullish(),
  DstPorts: z.array(z.looseObject({ IP: z.string(), Ports: z.looseObject({ First: z.number(), Last: z.number() }).nullish() })).nullish(),
  IPProto: z.array(z.number()).nullish(),
  CapGrant: z.array(z.looseObject({
    Dsts: z.array(z.string()).nullish(),
    CapMap: z.record(z.string(), z.array(z.unknown()).nullable()).nullish(),
    Caps: z.array(z.string()).nullish(),
  })).nullish(),
})
export const filterSchema = z.array(ruleSchema)
export type RecordedRule = z.infer<typeof ruleSchema>

/** What a client takes a rule without protocols for (spec/policy.md §4). */
const defaultProtocols = [6, 17, 1, 58]
const everyAddress: readonly AddressRange[] = [
  { family: 4, first: 0n, last: 0xffff_ffffn },
  { family: 6, first: 0n, last: (1n << 128n) - 1n },
]
const everyPort = { first: 0, last: 65_535 }
const noPort = { first: 0, last: 0 }

/** All that a filter allows; pairs of two families are nothing. Throws on an address that is none. */
export function boxesOf(filter: readonly RecordedRule[]): Box[] {
  return filter.flatMap((rule) => {
    const sources = (rule.SrcIPs ?? []).flatMap(rangesOf)
    const protocols = rule.IPProto && rule.IPProto.length > 0 ? rule.IPProto : defaultProtocols
    const ports = (rule.DstPorts ?? []).flatMap(({ IP, Ports }) => {
      const range = Ports ? { first: Ports.First, last: Ports.Last } : everyPort
      return protocols.flatMap((protocol) => boxes(String(protocol), sources, rangesOf(IP), range))
    })
    const capabilities = (rule.CapGrant ?? []).flatMap(({ Dsts, CapMap, Caps }) => {
      const destinations = (Dsts ?? []).flatMap(rangesOf)
      return capabilityTexts(CapMap ?? {}, Caps ?? []).flatMap((what) => boxes(what, sources, destinations, noPort))
    })
    return [...ports, ...capabilities]
  })
}

function boxes(what: string, sources: readonly AddressRange[], destinations: readonly AddressRange[], ports: Box['ports']): Box[] {
  return sources.flatMap((src) => destinations.filter(({ family }) => family === src.family).map((dst) => ({ what, src, dst, ports })))
}

/** Each value by itself; without any the capability alone. */
function capabilityTexts(map: Readonly<Record<string, readonly unknown[] | null>>, names: readonly string[]): string[] {
  return [
    ...names,
    ...Object.entries(map).flatMap(([name, values]) => (values === null || values.length === 0 ? [name] : values.map((value) => `${name} ${canonicalJson(value)}`))),
  ]
}

/** One text for equal values: the order of keys has no meaning. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1))) : part)
}

function rangesOf(text: string): readonly AddressRange[] {
  if (text === '*') return everyAddress
  const address = parseAddress(text)
  const range = address === undefined ? parsePrefix(text)?.range ?? parseRange(text) : rangeOf(address)
  if (range === undefined) throw new Error(`"${text}" is no address`)
  return [range]
}
