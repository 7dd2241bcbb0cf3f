import { bar } from '../bench.ts'
import { figure } from '../stats.ts'
import type { Part } from './part.ts'
import { baseSessions } from './plan.ts'

const flood = { size: 1308, sessions: 1, burst: 16, first: baseSessions } as const
/** Fifty packets a second each, as of calls. */
const small = { size: 200, sessions: baseSessions, burst: 1, rate: 50 * baseSessions, warmUp: 1, seconds: 3 } as const

/** Small flows beside a flood below and above what the relay can: the share of their packets that comes through. */
export const fairnessPart: Part = {
  name: 'fairness',
  about: `${baseSessions} small flows beside one flood`,
  sessions: baseSessions + 1,
  async run({ lab, rounds, say }) {
    lab.setLink('plain')
    const shares = [0.7, 1.3]
    const kept = new Map(shares.map((share) => [share, [] as number[]]))
    for (let round = 0; round < rounds; round++) {
      const capacity = (await lab.measure('batched', { ...flood, seconds: 2 })).packetsPerSecond
      for (const share of shares) {
        const [around, flows] = await Promise.all([
          lab.run('batched', { ...flood, rate: share * capacity, seconds: small.warmUp + small.seconds + 1 }),
          lab.run('batched', small),
        ])
        kept.get(share)?.push(1 - flows.lossPercent / 100)
        say(`round ${round + 1}  flood at ${share} of ${Math.round(capacity).toLocaleString('en-US')} packets a second: ${Math.round(around.packetsPerSecond).toLocaleString('en-US')} came through, ${around.lossPercent} % lost; small flows lost ${flows.lossPercent} %, p99 ${flows.latencyUs.p99} µs`)
      }
    }
    const figures = shares.map((share) => figure({ name: `batched: small flows' packets kept, flood at ${share} of capacity`, unit: 'share', values: kept.get(share) ?? [] }))
    return { results: [], figures, bars: [bar('batched: share of small flows’ packets beside a flood at 0.7 of capacity', figures[0]?.value ?? Number.NaN, 0.9)] }
  },
}
