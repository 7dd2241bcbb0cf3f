import { interleave } from '../stats.ts'
import type { Outcome } from './generator.ts'
import type { Lab } from './lab.ts'
import type { CellResult } from './measured.ts'
import { cellName, type Cell, type RelayName } from './plan.ts'

/** Percent of a CPU from which a single-threaded relay counts as saturated. */
const saturated = 95

export interface SaturatedOptions {
  readonly lab: Lab
  readonly cells: readonly Cell[]
  readonly relays: readonly RelayName[]
  readonly rounds: number
  readonly seconds: number
  readonly say: (line: string) => void
}

const whole = (value: number): string => Math.round(value).toLocaleString('en-US')

function line(outcome: Outcome): string {
  const { packetsPerCpuSecond, packetsPerSecond, cpu, lossPercent } = outcome
  return `${whole(packetsPerCpuSecond)} packets a CPU second, ${whole(packetsPerSecond)} a second, CPU ${whole(cpu.relay)} % (generator ${whole(cpu.generator)} %, others ${whole(cpu.others)} %), lost ${lossPercent} %`
}

/** Each relay under each load as fast as it can, rounds interleaved. All cells are of one link. */
export async function measureSaturated({ lab, cells, relays, rounds, seconds, say }: SaturatedOptions): Promise<CellResult[]> {
  for (const relay of relays) await lab.pid(relay)
  const subjects = cells.flatMap((cell) => relays.map((relay) => ({ cell, relay, name: `${relay}: ${cellName(cell)}` })))
  const byName = new Map(subjects.map((subject) => [subject.name, subject]))
  /** Bounded: the subjects. */
  const busy = new Map<string, number[]>()
  const values = await interleave(rounds, [...byName.keys()], async (name, round) => {
    const subject = byName.get(name)
    if (!subject) throw new Error(`not a subject: ${name}`)
    const { size, sessions, burst } = subject.cell
    const outcome = await lab.measure(subject.relay, { size, sessions, burst, seconds })
    busy.set(name, [...busy.get(name) ?? [], outcome.cpu.relay])
    say(`round ${round + 1}  ${name.padEnd(34)} ${line(outcome)}`)
    return outcome.packetsPerCpuSecond
  })
  const idle = [...busy].filter(([, percents]) => percents.filter((percent) => percent < saturated).length > rounds / 2).map(([name]) => name)
  if (idle.length > 0) say(`In most rounds less than ${saturated} % of a CPU, so with smaller batches than it could have: ${idle.join('; ')}`)
  return cells.map((cell) => ({ cell, values: Object.fromEntries(relays.map((relay) => [relay, values[`${relay}: ${cellName(cell)}`]])) }))
}
