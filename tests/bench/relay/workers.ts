import { readdirSync, readFileSync } from 'node:fs'
import { bar, barMost } from '../bench.ts'
import { figure, interleave } from '../stats.ts'
import { ratioOf, type CellResult } from './measured.ts'
import type { Part } from './part.ts'
import { baseSessions, type Cell } from './plan.ts'

const cell: Cell = { size: 1308, sessions: baseSessions, burst: 16, link: 'plain' }
const relays = ['batched', 'batched in two threads'] as const

/** Nanoseconds that each thread of a process was on a CPU. */
function threadTimes(pid: number): Map<string, number> {
  return new Map(readdirSync(`/proc/${pid}/task`).map((thread) => [thread, Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0])]))
}

/** Of the two threads that did most between two readings: the lesser one's share. */
export function lesserShare(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): number {
  const [most = Number.NaN, second = Number.NaN] = [...after].map(([thread, time]) => time - (before.get(thread) ?? 0)).toSorted((a, b) => b - a)
  return second / (most + second)
}

/** Both workers on the relay's one CPU: what steering and a second thread cost. What two CPUs give is not seen on two, as the load has one. */
export const workersPart: Part = {
  name: 'workers',
  about: 'one worker and two, on one CPU: CPU time per packet, and how they share 64 sessions',
  sessions: baseSessions,
  async run({ lab, rounds, say }) {
    lab.setLink('plain')
    const shares: number[] = []
    const pid = await lab.pid('batched in two threads')
    const values = await interleave(rounds, relays, async (relay, round) => {
      const before = threadTimes(pid)
      const outcome = await lab.measure(relay, { size: cell.size, sessions: cell.sessions, burst: cell.burst, seconds: 4 })
      const share = lesserShare(before, threadTimes(pid))
      if (relay === 'batched in two threads') shares.push(share)
      say(`round ${round + 1}  ${relay.padEnd(24)} ${Math.round(outcome.packetsPerCpuSecond).toLocaleString('en-US')} packets a CPU second, CPU ${Math.round(outcome.cpu.relay)} %${relay === 'batched' ? '' : `, the lesser worker ${Math.round(100 * share)} %`}`)
      return outcome.packetsPerCpuSecond
    })
    const result: CellResult = { cell, values }
    const share = figure({ name: 'batched: the lesser of two workers, share of the CPU time', unit: 'share', values: shares })
    return {
      results: [],
      figures: [...relays.map((relay) => figure({ name: `${relay}: 64 sessions`, unit: 'packets/CPU s', values: values[relay] })), share],
      bars: [
        barMost('batched: CPU per packet with two workers, times one', ratioOf(result, 'batched', 'batched in two threads'), 1.1),
        bar('batched: the lesser of two workers, share', share.value, 0.35),
      ],
    }
  },
}
