import { formatIpEntry, type IpEntry, type PortRange } from '../ports.ts'

/** What may be sent: by protocol its ports, in order and apart. Bounded by the 255 protocols. */
export type PortSet = ReadonlyMap<number, readonly PortRange[]>

/** What a rule without a protocol is for (spec/policy.md §4): these with its ports, and those that have none. */
const withPorts: readonly number[] = [6, 17]
const portless: readonly number[] = [1, 58]
const allPorts: readonly PortRange[] = [{ first: 0, last: 65535 }]

/** Of all entries together. */
export function portsOf(entries: readonly IpEntry[]): PortSet {
  const all = new Map<number, PortRange[]>()
  const add = (protocol: number, ranges: readonly PortRange[]): void => void all.set(protocol, [...(all.get(protocol) ?? []), ...ranges])
  for (const { ports, protocol } of entries) {
    for (const each of protocol === undefined ? withPorts : [protocol]) add(each, ports)
    if (protocol === undefined) for (const each of portless) add(each, allPorts)
  }
  return new Map([...all].map(([protocol, ranges]) => [protocol, joined(ranges)]))
}

/** In order, and those that touch as one. */
function joined(ranges: readonly PortRange[]): PortRange[] {
  const out: PortRange[] = []
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const last = out.at(-1)
    if (last !== undefined && range.first <= last.last + 1) out[out.length - 1] = { first: last.first, last: Math.max(last.last, range.last) }
    else out.push(range)
  }
  return out
}

/** What is in `a` and not in `b`. */
export function withoutPorts(a: PortSet, b: PortSet): PortSet {
  const left = [...a].map(([protocol, ranges]): [number, PortRange[]] => [protocol, ranges.flatMap((range) => cut(range, b.get(protocol) ?? []))])
  return new Map(left.filter(([, ranges]) => ranges.length > 0))
}

/** `range` without `gaps`, which are in order and apart. */
function cut(range: PortRange, gaps: readonly PortRange[]): PortRange[] {
  const left: PortRange[] = []
  let { first } = range
  for (const gap of gaps) {
    if (gap.last < first || gap.first > range.last) continue
    if (gap.first > first) left.push({ first, last: gap.first - 1 })
    first = gap.last + 1
  }
  return first <= range.last ? [...left, { first, last: range.last }] : left
}

/** As grants write it, `443`, `tcp:22`; empty: nothing. Where TCP and UDP are alike neither is named, nor what comes with them. */
export function formatPorts(ports: PortSet): string {
  const [tcp, udp] = withPorts.map((protocol) => ports.get(protocol))
  const both = tcp !== undefined && udp !== undefined && text(tcp) === text(udp) ? tcp : undefined
  const named = [...ports].toSorted(([a], [b]) => a - b).filter(([protocol]) => both === undefined || (!withPorts.includes(protocol) && !portless.includes(protocol)))
  return [...(both === undefined ? [] : [formatIpEntry({ ports: both })]), ...named.map(([protocol, ranges]) => formatIpEntry({ ports: ranges, protocol }))].join(', ')
}

function text(ranges: readonly PortRange[]): string {
  return ranges.map(({ first, last }) => `${first}-${last}`).join()
}
