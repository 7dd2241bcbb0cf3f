import type { Flow } from './flows.ts'

export interface MapNode { readonly name: string; readonly y: number; readonly height: number; readonly bits: number }
export interface MapEdge { readonly flow: Flow; readonly side: 'in' | 'out'; readonly d: string; readonly width: number }
export interface MapLayout {
  readonly width: number
  readonly height: number
  readonly leftX: number
  readonly rightX: number
  readonly relayX: number
  readonly relayWidth: number
  readonly left: readonly MapNode[]
  readonly right: readonly MapNode[]
  /** In the order given; DERP, where it carries something, is named ''. */
  readonly relays: readonly MapNode[]
  readonly edges: readonly MapEdge[]
  /** Rate of the key's line. */
  readonly key: { readonly bits: number; readonly width: number }
}

const rowGap = 14
const least = 1.5
const widest = 14

function spread(names: readonly string[], heightOf: (name: string) => number, total: number, bitsOf: (name: string) => number): MapNode[] {
  const own = names.reduce((sum, name) => sum + heightOf(name), 0)
  const gap = names.length > 1 ? (total - own) / (names.length - 1) : 0
  let y = names.length > 1 ? 0 : (total - own) / 2
  return names.map((name) => {
    const height = heightOf(name)
    const node = { name, y, height, bits: bitsOf(name) }
    y += height + gap
    return node
  })
}

/** Level, a slope, level again: a canal between two heights. */
function canal(x1: number, y1: number, x2: number, y2: number, lane: number): string {
  if (Math.abs(y2 - y1) < 1.5) return `M${x1} ${y1.toFixed(1)}H${x2}`
  const slope = Math.min(Math.abs(y2 - y1) * 0.6, (x2 - x1) * 0.6)
  const bend = x1 + (x2 - x1 - slope) * lane
  return `M${x1} ${y1.toFixed(1)}H${bend.toFixed(1)}L${(bend + slope).toFixed(1)} ${y2.toFixed(1)}H${x2}`
}

/** Ends at the sides, carriers between, a line per flow and side whose width is its rate. Pure: the same in, the same out. */
export function layoutMap(flows: readonly Flow[], relayNames: readonly string[], width: number): MapLayout {
  const carriers = [...relayNames, ...(flows.some(({ relay }) => relay === null) ? [''] : [])]
  const carrierOf = (flow: Flow): string => flow.relay ?? ''
  const most = Math.max(1, ...flows.map(({ bits }) => bits))
  const widthOf = (bits: number): number => Math.max(least, (bits / most) * widest)
  const sumOf = (pick: (flow: Flow) => boolean) => flows.filter(pick).reduce((sum, flow) => sum + widthOf(flow.bits) + 2, 0)
  const bitsOf = (pick: (flow: Flow) => boolean) => flows.filter(pick).reduce((sum, { bits }) => sum + bits, 0)
  const lefts = [...new Set(flows.map(({ from }) => from))]
  const rights = [...new Set(flows.map(({ to }) => to))]
  const endHeight = (side: 'from' | 'to') => (name: string) => Math.max(28, sumOf((flow) => flow[side] === name))
  const relayHeight = (name: string) => Math.max(28, sumOf((flow) => carrierOf(flow) === name) + 8)
  const column = (names: readonly string[], heightOf: (name: string) => number) => names.reduce((sum, name) => sum + heightOf(name) + rowGap, -rowGap)
  const height = Math.max(80, column(lefts, endHeight('from')), column(rights, endHeight('to')), column(carriers, relayHeight))

  const left = spread(lefts, endHeight('from'), height, (name) => bitsOf(({ from }) => from === name))
  const right = spread(rights, endHeight('to'), height, (name) => bitsOf(({ to }) => to === name))
  const relays = spread(carriers, relayHeight, height, (name) => bitsOf((flow) => carrierOf(flow) === name))
  const relayWidth = Math.min(190, width * 0.24)
  const leftX = Math.min(160, width * 0.2)
  const rightX = width - leftX
  const relayX = (width - relayWidth) / 2

  const edges: MapEdge[] = []
  /** Bounded: one cursor per node and side. Where the next line meets the node, from its top. */
  const used = new Map<string, number>()
  const meet = (key: string, node: MapNode, total: number, thick: number): number => {
    const before = used.get(key) ?? node.y + (node.height - total) / 2
    used.set(key, before + thick + 2)
    return before + thick / 2
  }
  const ordered = flows.toSorted((one, other) => carriers.indexOf(carrierOf(one)) - carriers.indexOf(carrierOf(other)))
  ordered.forEach((flow, index) => {
    const from = left.find(({ name }) => name === flow.from)
    const to = right.find(({ name }) => name === flow.to)
    const carrier = relays.find(({ name }) => name === carrierOf(flow))
    if (!from || !to || !carrier) return
    const thick = widthOf(flow.bits)
    const turn = (0.5 * (index + 1)) / (ordered.length + 1)
    // Of those that go down the lower one turns first, of those that go up the upper one: none runs over another.
    const lane = (start: number, end: number) => (end > start ? 0.75 - turn : 0.25 + turn)
    const through = sumOf((one) => carrierOf(one) === carrier.name)
    const y1 = meet(`l ${from.name}`, from, sumOf((one) => one.from === from.name), thick)
    const y2 = meet(`i ${carrier.name}`, carrier, through, thick)
    const y3 = meet(`o ${carrier.name}`, carrier, through, thick)
    const y4 = meet(`r ${to.name}`, to, sumOf((one) => one.to === to.name), thick)
    edges.push({ flow, side: 'in', width: thick, d: canal(leftX, y1, relayX, y2, lane(y1, y2)) })
    edges.push({ flow, side: 'out', width: thick, d: canal(relayX + relayWidth, y3, rightX, y4, 1 - lane(y4, y3)) })
  })
  const power = 10 ** Math.floor(Math.log10(most))
  return { width, height, leftX, rightX, relayX, relayWidth, left, right, relays, edges, key: { bits: power, width: widthOf(power) } }
}
