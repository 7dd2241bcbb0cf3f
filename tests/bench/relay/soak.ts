import { readFileSync } from 'node:fs'
import { bar, barMost } from '../bench.ts'
import { median } from '../stats.ts'
import type { Part } from './part.ts'
import { baseSessions } from './plan.ts'

const shortSeconds = 60
const fullSeconds = 600
const sampleEveryMs = 2000

export interface Pause {
  readonly ms: number
  /** The longest of the steps before it, in which the thread stood too; 0: none told. */
  readonly stepMs: number
  /** As `node --trace-gc` printed it. */
  readonly line: string
}

/** Out of `[pid:isolate] 61 ms: Scavenge 4.1 (5.0) -> 3.9 (6.0) MB, 0.52 / 0.00 ms …`. */
export function collectorPauses(log: string): Pause[] {
  return [...log.matchAll(/^\[.*MB, (\d+\.\d+) \/ \d+\.\d+ ms.*$/gm)].map(([line, ms]) => ({ ms: Number(ms), stepMs: Number(/biggest step (\d+\.\d+) ms/.exec(line)?.[1] ?? 0), line }))
}

/** How the memory of the last quarter compares with that of the second, when all is warm. */
export function growth(samples: readonly number[]): number {
  const quarter = Math.floor(samples.length / 4)
  return median(samples.slice(3 * quarter)) / median(samples.slice(quarter, 2 * quarter))
}

const longestFirst = (pauses: readonly Pause[]): Pause[] => pauses.toSorted((a, b) => b.ms - a.ms)

const residentBytes = (pid: number): number => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024

const load = { size: 1308, sessions: baseSessions, burst: 16, bothWays: true } as const

/** Full load for a long time, both ways, as a session in which one end is silent for minutes lapses: memory, sessions and the collector's pauses. */
export const soakPart: Part = {
  name: 'soak',
  about: `full load for a minute, with --full for ten: memory, sessions, the collector's pauses`,
  sessions: baseSessions,
  tracesCollector: true,
  async run({ lab, isFull, say }) {
    lab.setLink('plain')
    const pid = await lab.pid('batched')
    const before = lab.collectorPauses().length
    const samples: number[] = []
    const sampling = setInterval(() => samples.push(residentBytes(pid)), sampleEveryMs)
    const run = async (seconds: number): Promise<void> => {
      const outcome = await lab.run('batched', { ...load, seconds })
      say(`${seconds} s: ${Math.round(outcome.packetsPerSecond).toLocaleString('en-US')} packets a second, lost ${outcome.lossPercent} %`)
    }
    let ofAMinute: readonly Pause[]
    try {
      await run(shortSeconds)
      ofAMinute = longestFirst(lab.collectorPauses().slice(before))
      for (const { line } of ofAMinute.slice(0, 5)) say(line)
      if (isFull) await run(fullSeconds - shortSeconds)
    } finally {
      clearInterval(sampling)
    }
    const [longest] = ofAMinute
    if (!longest) throw new Error('the agent told of no collection: its trace is read wrongly')
    const open = await lab.openSessions('batched')
    const pauses = longestFirst(lab.collectorPauses().slice(before))
    const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`
    say(`memory ${mib(Math.min(...samples))} to ${mib(Math.max(...samples))}; ${pauses.length} pauses, together ${pauses.reduce((all, { ms }) => all + ms, 0).toFixed(1)} ms, the longest ${pauses[0]?.ms} ms, longest step before one ${Math.max(...pauses.map(({ stepMs }) => stepMs))} ms`)
    return {
      results: [],
      figures: [],
      bars: [
        barMost('batched: longest pause of the collector in a minute of full load, ms', longest.ms, 5),
        barMost('batched: memory, last quarter times the second', growth(samples), 1.05),
        bar(`batched: sessions open at the end, of ${baseSessions}`, open, baseSessions),
      ],
    }
  },
}
