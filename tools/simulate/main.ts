import { randomBytes } from 'node:crypto'
import { generateKeys, type NodeKeys } from '../../agent/config.ts'
import { createProbePair, type ProbePair } from '../../agent/probe/index.ts'
import type { Clock } from '../../lib/clock.ts'
import { findServer, helpText, readOptions, UsageError, type SimulateOptions } from './options.ts'
import { createSampler } from './rows.ts'
import { seededKeyBytes } from './seed.ts'
import { summarise, summaryText } from './summary.ts'
import { tableText } from './table.ts'

/** Fractions of a millisecond: on one machine a round trip is less than one. */
const clock: Clock = { now: () => performance.timeOrigin + performance.now() }

function createPairs(options: SimulateOptions, stop: (text: string) => void): ProbePair[] {
  const { server, authKey } = findServer(options.target)
  const keyBytes = options.seed === undefined ? (length: number) => Uint8Array.from(randomBytes(length)) : seededKeyBytes(options.seed)
  return Array.from({ length: options.pairs }, (_, index) => {
    const keys: readonly [NodeKeys, NodeKeys] = [generateKeys(keyBytes), generateKeys(keyBytes)]
    return createProbePair({
      server, authKey, keys, clock,
      names: [`sim-a${index + 1}`, `sim-b${index + 1}`],
      bitsPerSecond: options.bitsPerSecond, size: options.size, direct: options.direct,
      random: (length) => Uint8Array.from(randomBytes(length)),
      onRefused: (text) => stop(text),
      onLog: (text) => console.error(text),
    })
  })
}

/** One Ctrl+C under npm comes twice: the terminal tells the whole group, and npm passes it on. Asked again, it ends at once. */
function leaveOnSignal(leave: () => void): void {
  let signals = 0
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (++signals > 2) process.exit(130)
      leave()
    })
  }
}

/** Runs until the time is up, a signal comes, or the control plane turns a peer away; the exit code. */
async function simulate(options: SimulateOptions): Promise<number> {
  let refusal: string | undefined
  let end = (): void => {}
  const ended = new Promise<void>((resolve) => { end = resolve })
  const pairs = createPairs(options, (text) => {
    refusal ??= text
    end()
  })
  // Whoever reads us has gone (`| head`): that is an end like any other.
  process.stdout.on('error', end)
  leaveOnSignal(end)
  const startedAt = clock.now()
  const sampler = createSampler(pairs)
  await Promise.all(pairs.map((pair) => pair.start()))
  if (options.durationMs !== undefined) setTimeout(end, options.durationMs)

  const show = createShow(options)
  const ticking = setInterval(() => show(sampler.rows(clock.now())), 1000)
  await ended
  clearInterval(ticking)
  await Promise.all(pairs.map((pair) => pair.stop()))
  if (refusal !== undefined) {
    console.error(refusal)
    return 1
  }
  const summary = summarise(pairs, startedAt, clock.now())
  console.log(options.json ? JSON.stringify({ type: 'summary', ...summary }) : summaryText(summary))
  return 0
}

function createShow({ json }: SimulateOptions): (rows: ReturnType<ReturnType<typeof createSampler>['rows']>) => void {
  if (json) return (rows) => console.log(JSON.stringify({ type: 'second', at: Math.round(clock.now()), pairs: rows }))
  let lines = 0
  return (rows) => {
    const text = tableText(rows)
    // On a terminal the table stands still; elsewhere each second follows the last.
    if (process.stdout.isTTY && lines > 0) process.stdout.write(`\u001b[${lines}A\u001b[J`)
    console.log(text)
    lines = text.split('\n').length
  }
}

async function main(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2))
    if (options === 'help') {
      console.log(helpText)
      return 0
    }
    return await simulate(options)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(error.message)
    return 1
  }
}

process.exitCode = await main()
// The time limit's timer would hold the process until it ends.
process.exit()
