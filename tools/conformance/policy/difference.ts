import { formatRange, type AddressRange } from '../../../policy/address.ts'
import { formatIpEntry } from '../../../policy/index.ts'
import type { Box } from './boxes.ts'

/** What one side allows and the other does not, as sentences' parts; empty when both allow the same. */
export function filterDifferences(ours: readonly Box[], recorded: readonly Box[]): string[] {
  const onlyOurs = subtract(ours, recorded)
  const onlyRecorded = subtract(recorded, ours)
  return [
    ...(onlyOurs.length > 0 ? [`ours alone allows ${listed(onlyOurs)}`] : []),
    ...(onlyRecorded.length > 0 ? [`the recording alone allows ${listed(onlyRecorded)}`] : []),
  ]
}

/** What of `all` is in no box of `taken`, in few boxes. */
function subtract(all: readonly Box[], taken: readonly Box[]): Box[] {
  const kinds = [...new Set(all.map(({ what }) => what))]
  return kinds.flatMap((what) => subtractOne(all.filter((box) => box.what === what), taken.filter((box) => box.what === what)))
}

/** The same for one protocol or capability: space is cut at every end of a range, and each cell is on one side, on both or on none. */
function subtractOne(all: readonly Box[], taken: readonly Box[]): Box[] {
  const both = [...all, ...taken]
  const axes: readonly Axis[] = [axis(both.map(({ src }) => place(src))), axis(both.map(({ dst }) => place(dst))), axis(both.map(portsPlace))]
  const [width, height, depth] = axes.map(({ cells }) => cells.length)
  const left = new Uint8Array((width ?? 0) * (height ?? 0) * (depth ?? 0))
  const fill = (box: Box, value: 0 | 1): void => {
    const [src, dst, ports] = [axes[0]?.span(place(box.src)), axes[1]?.span(place(box.dst)), axes[2]?.span(portsPlace(box))]
    if (!src || !dst || !ports) return
    for (let x = src.from; x < src.to; x++) {
      for (let y = dst.from; y < dst.to; y++) {
        const row = (x * (height ?? 0) + y) * (depth ?? 0)
        left.fill(value, row + ports.from, row + ports.to)
      }
    }
  }
  for (const box of all) fill(box, 1)
  for (const box of taken) fill(box, 0)
  const [sources, destinations, ports] = axes.map(({ cells }) => cells)
  const found: Box[] = []
  for (const [at, value] of left.entries()) {
    if (value === 0) continue
    const port = ports?.[at % (depth ?? 1)]
    const destination = destinations?.[Math.floor(at / (depth ?? 1)) % (height ?? 1)]
    const source = sources?.[Math.floor(at / (depth ?? 1) / (height ?? 1))]
    if (!port || !destination || !source) continue
    found.push({ what: all[0]?.what ?? '', src: range(source), dst: range(destination), ports: { first: Number(port.first), last: Number(port.last) } })
  }
  return joined(joined(joined(found, 'ports'), 'dst'), 'src')
}

/** A range on a line that holds both families: IPv4 first. */
type Place = { readonly first: bigint; readonly last: bigint }
const afterIPv4 = 1n << 32n

function place({ family, first, last }: AddressRange): Place {
  const start = family === 4 ? 0n : afterIPv4
  return { first: start + first, last: start + last }
}

function range({ first, last }: Place): AddressRange {
  return first < afterIPv4 ? { family: 4, first, last } : { family: 6, first: first - afterIPv4, last: last - afterIPv4 }
}

function portsPlace({ ports }: Box): Place {
  return { first: BigInt(ports.first), last: BigInt(ports.last) }
}

/** A line cut where a range begins or ends. */
type Axis = { readonly cells: readonly Place[]; readonly span: (of: Place) => { readonly from: number; readonly to: number } }

function axis(places: readonly Place[]): Axis {
  const cuts = [...new Set(places.flatMap(({ first, last }) => [first, last + 1n]))].toSorted((a, b) => (a < b ? -1 : 1))
  const numbers = new Map(cuts.map((cut, at) => [cut, at]))
  return {
    cells: cuts.slice(0, -1).map((first, at) => ({ first, last: (cuts[at + 1] ?? first + 1n) - 1n })),
    span: ({ first, last }) => ({ from: numbers.get(first) ?? 0, to: numbers.get(last + 1n) ?? 0 }),
  }
}

/** Boxes that are neighbours along one side and equal in the others become one. Given in order of their places. */
function joined(boxes: readonly Box[], side: 'src' | 'dst' | 'ports'): Box[] {
  const open = new Map<string, Box>()
  const done: Box[] = []
  for (const box of boxes) {
    const key = [...(['src', 'dst', 'ports'] as const)].filter((other) => other !== side).map((other) => text(box, other)).join(' ')
    const before = open.get(key)
    const grown = before && neighbour(before, box, side)
    if (before && !grown) done.push(before)
    open.set(key, grown ?? box)
  }
  return [...done, ...open.values()].toSorted(byPlace)
}

function text(box: Box, side: 'src' | 'dst' | 'ports'): string {
  return side === 'ports' ? `${box.ports.first}-${box.ports.last}` : `${box[side].family} ${box[side].first}-${box[side].last}`
}

function neighbour(a: Box, b: Box, side: 'src' | 'dst' | 'ports'): Box | undefined {
  if (side === 'ports') return a.ports.last + 1 === b.ports.first ? { ...a, ports: { first: a.ports.first, last: b.ports.last } } : undefined
  if (a[side].family !== b[side].family || a[side].last + 1n !== b[side].first) return undefined
  return { ...a, [side]: { ...a[side], last: b[side].last } }
}

function byPlace(a: Box, b: Box): number {
  for (const [x, y] of [[place(a.src), place(b.src)], [place(a.dst), place(b.dst)], [portsPlace(a), portsPlace(b)]] as const) {
    if (x.first !== y.first) return x.first < y.first ? -1 : 1
  }
  return 0
}

/** The first few; protocols that stand for the same are said together. */
function listed(boxes: readonly Box[]): string {
  /** Bounded by the boxes. */
  const groups = new Map<string, { readonly box: Box; readonly what: string[] }>()
  for (const box of boxes) {
    const key = (['src', 'dst', 'ports'] as const).map((side) => text(box, side)).join(' ')
    const group = groups.get(key) ?? { box, what: [] }
    group.what.push(box.what)
    groups.set(key, group)
  }
  const words = [...groups.values()].map(({ box, what }) => `${whatWords(box, what)} from ${formatRange(box.src)} to ${formatRange(box.dst)}`)
  return words.length <= 3 ? words.join(', ') : `${words.slice(0, 3).join(', ')} and ${words.length - 3} more`
}

function whatWords({ ports }: Box, what: readonly string[]): string {
  const protocols = what.filter((text) => /^\d+$/.test(text)).map(Number)
  const capabilities = what.filter((text) => !/^\d+$/.test(text))
  return [...protocols.map((protocol) => formatIpEntry({ ports: [ports], protocol })), ...capabilities].join(' ')
}
