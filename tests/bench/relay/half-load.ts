import { barMost } from '../bench.ts'
import { figure, interleave } from '../stats.ts'
import type { Outcome } from './generator.ts'
import type { Part } from './part.ts'
import { baseSessions } from './plan.ts'

const load = { size: 1308, sessions: baseSessions, seconds: 5 } as const
const relays = ['dgram', 'batched'] as const

/** Packets one by one at half of what the dgram plane can: how long a packet takes through each plane. */
export const halfLoadPart: Part = {
  name: 'half-load',
  about: 'latency of 1308 B packets at half of what dgram can',
  sessions: baseSessions,
  async run({ lab, rounds, say }) {
    lab.setLink('plain')
    const capacity = (await lab.measure('dgram', { ...load, burst: 1 })).packetsPerSecond
    const rate = capacity / 2
    say(`dgram takes ${Math.round(capacity).toLocaleString('en-US')} packets a second; half of that`)
    /** Bounded: two relays, the rounds. */
    const p99: Record<(typeof relays)[number], number[]> = { dgram: [], batched: [] }
    const line = (name: string, { latencyUs: { p50, p99: late }, cpu }: Outcome): string => `${name.padEnd(8)} p50 ${p50} µs, p99 ${late} µs, CPU ${Math.round(cpu.relay)} % (others ${Math.round(cpu.others)} %)`
    const p50 = await interleave(rounds, relays, async (relay, round) => {
      const outcome = await lab.measure(relay, { ...load, burst: 1, rate })
      p99[relay].push(outcome.latencyUs.p99)
      say(`round ${round + 1}  ${line(relay, outcome)}`)
      return outcome.latencyUs.p50
    })
    const named = (relay: (typeof relays)[number], which: string, values: readonly number[]) => ({ name: `${relay}: half load, ${which}`, unit: 'µs', values })
    const middle = figure(named('batched', 'p50', p50.batched), named('dgram', 'p50', p50.dgram))
    const late = figure(named('batched', 'p99', p99.batched), named('dgram', 'p99', p99.dgram))
    return {
      results: [],
      figures: [figure(named('dgram', 'p50', p50.dgram)), middle, figure(named('dgram', 'p99', p99.dgram)), late],
      bars: [
        barMost('batched: half load, median latency, times dgram', middle.ratio ?? Number.NaN, 1),
        barMost('batched: half load, p99 latency, times dgram', late.ratio ?? Number.NaN, 0.7),
      ],
    }
  },
}
