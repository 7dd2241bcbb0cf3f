import { loadavg } from 'node:os'
import { barMost, CannotBench, type Bar, type Bench, type BenchContext, type BenchResult } from '../bench.ts'
import { figure, median } from '../stats.ts'
import { prepare } from './frames.ts'
import { Population } from './population.ts'
import { startProduct, type Product } from './product.ts'
import { measureSubject, subjects, type Values } from './subjects.ts'
import { cpuSeconds, memory, treeCpuSeconds } from './usage.ts'

const clientCount = 1000
const derpRegion = 900
const limits = { toggleMs: 2000, joinMessages: 1, joinBytes: 1024, memoryMiB: 1024 } as const
const settleMs = 120_000

const load = (): string => (loadavg()[0] ?? 0).toFixed(1)

const units: readonly (readonly [RegExp, string])[] = [[/messages/, 'messages'], [/bytes|JSON/, 'bytes'], [/CPU/, 'CPU s'], [/memory/, 'MiB'], [/all joined/, 's'], [/./, 'ms']]
const unitOf = (name: string): string => units.find(([pattern]) => pattern.test(name))?.[1] ?? ''

export const coordinationBench: Bench = {
  name: 'coordination',
  about: `${clientCount} simulated stock clients on one control plane: joining, a relay's switch, a join, a grant, memory (Linux)`,
  async run(context) {
    if (process.platform !== 'linux') throw new CannotBench('This bench needs Linux: /proc, and loopback addresses beyond 127.0.0.1')
    await prepare()
    /** By figure, one a round. */
    const values = new Map<string, number[]>()
    const add = (some: Values): void => {
      for (const [name, value] of Object.entries(some)) values.set(name, [...values.get(name) ?? [], value])
    }
    const starts = context.full ? 3 : 1
    for (let start = 0; start < starts; start++) {
      context.say(`Load ${load()}. Starting a control plane of its own${starts > 1 ? ` (${start + 1} of ${starts})` : ''} …`)
      const product = await startProduct()
      const population = new Population({ ...product, derpRegion })
      try {
        await measure(product, population, add, context)
      } finally {
        await population.close()
        await product.stop()
      }
    }
    return result(values)
  },
}

async function measure(product: Product, population: Population, add: (some: Values) => void, { rounds = 5, say }: BenchContext): Promise<void> {
  const { controlPlane, database } = product.pids
  const alone = memory(controlPlane).now
  const before = { control: cpuSeconds(controlPlane), database: treeCpuSeconds(database) }
  population.mark()
  const startedAt = performance.now()
  await population.grow(clientCount, (joined) => {
    if (joined % 250 === 0) say(`${joined} joined after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`)
  })
  const joinedAt = performance.now()
  const others = clientCount - 1
  await population.told('every client of every other', ({ known }) => known.reachable.size >= others, settleMs)
  add({
    'all joined': (joinedAt - startedAt) / 1000, 'all joined, and told of all others': (performance.now() - startedAt) / 1000,
    "joining: control plane's CPU": cpuSeconds(controlPlane) - before.control,
    "joining: database's CPU": treeCpuSeconds(database) - before.database,
    'joining: messages to each, half get fewer': median(population.clients.map((client) => population.heardBy(client).messages)),
    'joining: bytes to each, half get fewer': median(population.clients.map((client) => population.heardBy(client).bytes)),
  })
  for (let round = 0; round < rounds; round++) {
    say(`round ${round + 1}, load ${load()}`)
    for (const subject of round % 2 === 0 ? subjects : subjects.toReversed()) {
      const found = await measureSubject(subject, { product, population })
      add(found)
      say(`round ${round + 1}  ${Object.entries(found).map(([name, value]) => `${name} ${Math.round(100 * value) / 100}`).join(', ')}`)
    }
  }
  const broken = population.clients.filter(({ ended }) => ended !== '')
  if (broken.length > 0) throw new Error(`${broken.length} clients lost their stream: ${broken[0]?.ended}`)
  const { now, most } = memory(controlPlane)
  add({ 'memory of the control plane, without clients': alone, 'memory of the control plane': now, 'memory of the control plane, the most': most })
}

function result(values: ReadonlyMap<string, readonly number[]>): BenchResult {
  const worst = (name: string): number => Math.max(...values.get(name) ?? [Number.NaN])
  const bars: Bar[] = [
    ...['on', 'off'].map((way) => barMost(`relay turned ${way}: all clients, ms`, median(values.get(`relay turned ${way}: last client`) ?? []), limits.toggleMs)),
    barMost('a join: messages to each other', worst('a join: messages to each other, the most'), limits.joinMessages),
    barMost('a join: bytes to each other', worst('a join: bytes to each other, the most'), limits.joinBytes),
    barMost('memory of the control plane, MiB', worst('memory of the control plane, the most'), limits.memoryMiB),
  ]
  return { name: 'coordination', bars, figures: [...values].map(([name, all]) => figure({ name, unit: unitOf(name), values: all })) }
}
