import { formatIpEntry } from '../ports.ts'
import type { FilterRule } from '../rules.ts'
import type { NodeReport } from './node-report.ts'

/** A machine's report for people. */
export function reportLines({ name, rules, peers, attributes, relays, serves }: NodeReport): string[] {
  const list = (what: string, items: readonly string[]): string[] => (items.length === 0 ? [] : [`  ${what}: ${items.join(', ')}`])
  const joined = (items: NodeReport['relays']): string[] => items.map((item) => `${item.name} (line ${item.lines.join(', ')})`)
  return [
    name,
    ...(rules.length === 0 ? ['  lets nobody in'] : rules.flatMap(ruleLines)),
    ...list('sees', peers),
    ...list('attributes', attributes),
    ...list('may use as relay', joined(relays)),
    ...list('may relay for', joined(serves)),
  ]
}

function ruleLines({ SrcIPs, DstPorts = [], IPProto, CapGrant = [] }: FilterRule): string[] {
  /** Bounded by the rule's destinations. */
  const ports = new Map<string, { first: number; last: number }[]>()
  for (const { IP, Ports } of DstPorts) ports.set(IP, [...(ports.get(IP) ?? []), { first: Ports.First, last: Ports.Last }])
  const protocols = IPProto?.map((protocol) => protocol) ?? [undefined]
  const to = [...ports].map(([address, open]) => `${address} ${protocols.map((protocol) => formatIpEntry({ ports: open, ...(protocol === undefined ? {} : { protocol }) })).join(' ')}`)
  const capabilities = CapGrant.flatMap(({ Dsts, CapMap }) => Object.entries(CapMap).map(([name, values]) =>
    `${name}${values === null || values.length === 0 ? '' : ` ${JSON.stringify(values)}`} at ${Dsts.join(', ')}`))
  return [...to, ...capabilities].map((what) => `  lets in ${SrcIPs.join(', ')} → ${what}`)
}
