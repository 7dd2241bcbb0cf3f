import { defaultDerpLimits } from '../../../server/derp/limits.ts'
import { iperf } from '../../interop/harness/index.ts'
import { bar } from '../bench.ts'
import { figure, interleave } from '../stats.ts'
import type { Part } from './part.ts'
import { pairSites, type Scene } from './scene.ts'

const shapedTo = 100_000_000
const onShaped = `${shapedTo / 1e6} Mbit/s`
const allShaped = `${onShaped} at the relay too`
const limit = 0.95
const ways = ['direct', 'ours', 'stock', 'derp'] as const
type Way = (typeof ways)[number]

const mbit = (bitsPerSecond: number): string => `${(bitsPerSecond / 1e6).toFixed(1)} Mbit/s`

function pathOf({ endpointOf }: Scene, way: Way): string {
  return way === 'direct' || way === 'derp' ? way : endpointOf(way)
}

/** Traffic makes a path; it is the right one when this resolves. */
async function settle(scene: Scene, way: Way): Promise<void> {
  const pair = await scene.pair(way)
  const flow = await pair.flow()
  await pair.until(pathOf(scene, way), 60_000)
  await flow.stop()
}

async function measure(scene: Scene, way: Way, seconds: number): Promise<number> {
  const { a, b } = await scene.pair(way)
  const { bitsPerSecond } = await iperf(scene.lab, { from: a.site, to: b.site, address: await b.address(), seconds })
  const paths = await (await scene.pair(way)).paths()
  if (paths.some((path) => path !== pathOf(scene, way))) throw new Error(`${a.name} and ${b.name} were measured by ${paths.join(' and ')}, not by ${pathOf(scene, way)}`)
  return bitsPerSecond / 1e6
}

/** These cables have that rate, all others as much as the machine gives. */
async function shape({ lab }: Scene, sites: readonly string[]): Promise<void> {
  await Promise.all(lab.sites.map((site) => lab.shape(site, sites.includes(site) ? { bitsPerSecond: shapedTo } : {})))
}

export const speedPart: Part = {
  name: 'speed',
  about: 'iperf3 direct, by our relay, by a stock relay and by DERP',
  async run({ scene, rounds = 5, full, say }) {
    await Promise.all(ways.map((way) => settle(scene, way)))
    const { bytesPerSecond, burstBytes } = defaultDerpLimits
    say(`DERP lets each client send ${mbit(8 * bytesPerSecond)}, and ${burstBytes / 1e6} MB at once, by default`)
    const seconds = full ? 10 : 4
    const run = (count: number, link: string) => interleave(count, ways, async (way, round) => {
      const speed = await measure(scene, way, seconds)
      say(`round ${round + 1}  ${link}, ${way}: ${speed.toFixed(1)} Mbit/s`)
      return speed
    })
    await shape(scene, pairSites)
    const shaped = await run(rounds, onShaped)
    const fewer = full ? rounds : Math.min(rounds, 2)
    // Each way of a relay's own cable carries the data of the one end and what the other acknowledges: some 4 % less of either.
    await shape(scene, scene.lab.sites)
    const everywhere = await run(fewer, allShaped)
    await shape(scene, [])
    const unshaped = await run(rounds, 'unshaped')
    const figures = ([[onShaped, shaped], [allShaped, everywhere], ['unshaped', unshaped]] as const).flatMap(([link, values]) => {
      const named = (way: Way) => ({ name: `${link}, ${way}`, unit: 'Mbit/s', values: values[way] })
      return [figure(named('direct')), figure(named('stock'), named('direct')), figure(named('ours'), named('direct')), figure(named('ours'), named('stock')), figure(named('derp'), named('direct'))]
    })
    const share = (link: string, against: string): number => figures.find((one) => one.name === `${link}, ours` && one.against === `${link}, ${against}`)?.ratio ?? Number.NaN
    return {
      figures,
      bars: [
        bar('iperf3 by our relay: share of direct', share(onShaped, 'direct'), limit),
        bar('iperf3 by our relay: share of the stock relay', share(onShaped, 'stock'), limit),
        bar('iperf3 by our relay, unshaped: share of the stock relay', share('unshaped', 'stock'), limit),
      ],
    }
  },
}
