import type { Bench, BenchContext, BenchResult } from '../bench.ts'
import { Lab } from './lab.ts'
import { figuresOf, ratioBars } from './measured.ts'
import { baseSessions, cells, type RelayName } from './plan.ts'
import { measureSaturated } from './saturated.ts'

export const relayBench: Bench = {
  name: 'relay',
  about: 'packets per CPU second through the whole agent on each data plane, against the batched way in C (root, a C compiler, ethtool)',
  async run(context) {
    const lab = new Lab({ sessions: baseSessions + 1, against: context.against, say: context.say })
    try {
      await lab.open()
      return await measure(lab, context)
    } finally {
      await lab.close()
    }
  },
}

async function measure(lab: Lab, { rounds = 5, full, say }: BenchContext): Promise<BenchResult> {
  const relays: readonly RelayName[] = ['dgram', 'batched', 'reference']
  const results = await measureSaturated({ lab, cells: cells.saturated, relays, rounds, seconds: full ? 8 : 4, say })
  return {
    name: 'relay',
    figures: figuresOf(results, relays),
    bars: [
      ...ratioBars(results, { relay: 'batched', against: 'reference', median: 0.85, least: 0.75 }),
      ...ratioBars(results, { relay: 'batched', against: 'dgram', median: 4, least: 3 }),
    ],
  }
}
