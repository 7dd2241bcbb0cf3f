import { z } from 'zod'
import { clientIp, relayIp } from './namespaces.ts'
import { firstClientPort, firstVni } from './plan.ts'

export interface Load {
  readonly size: number
  readonly sessions: number
  readonly burst: number
  readonly seconds: number
  readonly warmUp?: number
  /** Packets a second, whatever comes back; absent: as many as the relay takes. */
  readonly rate?: number
  /** The number of the first session; 0 when absent. */
  readonly first?: number
  /** Both clients of a session send; otherwise the first. */
  readonly bothWays?: true
}

/** So many wait in the relay's buffer that it always has work, and none is lost there. */
const packetsUnderWay = 1024

/** The load generator's words for one direction through the relay `pid` on `port`. */
export function generatorWords(load: Load, port: number, pid: number): string[] {
  const first = load.first ?? 0
  // With one session the next burst is for the same: several in one call leave the generator more time.
  const sends = load.rate === undefined && load.sessions === 1 ? 4 : 1
  return [
    ['-r', relayIp], ['-q', port], ['-b', clientIp], ['-p', firstClientPort + 2 * first], ['-v', firstVni + first], ['-n', load.sessions],
    ['-s', load.size], ['-g', load.burst], ['-B', sends], ['-w', packetsUnderWay], ['-d', load.seconds], ['-W', load.warmUp ?? 0.5], ['-P', pid],
    ...(load.bothWays ? [['-2']] : []),
    ...(load.rate === undefined ? [] : [['-m', 'open'], ['-R', Math.round(load.rate)]]),
  ].flat().map(String)
}

const outcome = z.object({
  pps: z.number(), cpu_s_per_mpkt: z.number(), cpu_pct: z.number(), gen_cpu_pct: z.number(), other_cpu_pct: z.number(),
  loss_pct: z.number(), bad: z.number(), first_bad: z.string(), p50_us: z.number(), p99_us: z.number(),
})

export interface Outcome {
  readonly packetsPerSecond: number
  readonly packetsPerCpuSecond: number
  /** Percents of one CPU. */
  readonly cpu: { readonly relay: number; readonly generator: number; readonly others: number }
  readonly lossPercent: number
  /** Through the relay, from send to receive. */
  readonly latencyUs: { readonly p50: number; readonly p99: number }
}

/** The generator's line. Throws where packets came out otherwise than they went in, or none did. */
export function readOutcome(line: string): Outcome {
  const run = outcome.parse(JSON.parse(line))
  if (!(run.pps > 0)) throw new Error(`It does not forward: ${line.trim()}`)
  if (run.bad > 0) throw new Error(`${run.bad} came otherwise than sent; the first: ${run.first_bad}`)
  return {
    packetsPerSecond: run.pps,
    packetsPerCpuSecond: 1e6 / run.cpu_s_per_mpkt,
    cpu: { relay: run.cpu_pct, generator: run.gen_cpu_pct, others: run.other_cpu_pct },
    lossPercent: run.loss_pct,
    latencyUs: { p50: run.p50_us, p99: run.p99_us },
  }
}
