import { loadavg } from 'node:os'
import { interopUnavailable } from '../../interop/harness/index.ts'
import { CannotBench, type Bench } from '../bench.ts'
import { gonePart } from './gone.ts'
import { killPart } from './kill.ts'
import type { Part, PartResult } from './part.ts'
import { makeScene } from './scene.ts'
import { speedPart } from './speed.ts'
import { switchPart } from './switch.ts'
import { upPart } from './up.ts'

/** In the order in which they run: what takes relays away comes before what wants them quiet. */
const parts: readonly Part[] = [upPart, killPart, switchPart, gonePart, speedPart]

export const interopBench: Bench = {
  name: 'interop',
  about: 'stock clients: joining, a relay that dies, is switched or is gone, and iperf3, beside a stock relay (root, a stock client)',
  parts: parts.map(({ name, about }) => ({ name, about })),
  async run({ only, ...context }) {
    const reason = interopUnavailable()
    if (reason !== undefined) throw new CannotBench(`This bench needs root, network namespaces and a stock client: ${reason}`)
    const startedAt = performance.now()
    const say = (line: string): void => context.say(`${clockOf(performance.now() - startedAt)}  ${line}`)
    say(`Making the lab: the product, our relay, a stock relay and a spare one; load ${load()} …`)
    const scene = await makeScene()
    const results: PartResult[] = []
    try {
      for (const part of parts.filter(({ name }) => only.length === 0 || only.includes(name))) {
        say(`${part.name}: ${part.about}; load ${load()} …`)
        results.push(await part.run({ ...context, scene, say }))
      }
      say(`Done; load ${load()}`)
    } finally {
      await scene.remove()
    }
    return { name: 'interop', figures: results.flatMap(({ figures }) => figures), bars: results.flatMap(({ bars }) => bars) }
  },
}

/** Other work on the machine shows in every figure here. */
const load = (): string => (loadavg()[0] ?? 0).toFixed(1)

function clockOf(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  return `${String(Math.floor(seconds / 60)).padStart(2)}:${String(seconds % 60).padStart(2, '0')}`
}
