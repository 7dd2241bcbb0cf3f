import { readFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'

/** A mistake that its user can mend: one line, exit code 1. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export interface SimulateOptions {
  readonly pairs: number
  /** Bits a second, each way of each pair. */
  readonly bitsPerSecond: number
  /** Bytes of each WireGuard packet. */
  readonly size: number
  /** Undefined: until it is stopped. */
  readonly durationMs: number | undefined
  /** Undefined: other keys at each run. */
  readonly seed: number | undefined
  readonly direct: boolean
  readonly json: boolean
  readonly target: { readonly join: string; readonly key: string } | { readonly data: string }
}

export const helpText = `npm run simulate -- [options]

Starts pairs of simulated peers that join the network, find relays, and send each other WireGuard-shaped traffic.
They leave the network when the command ends (Ctrl+C).

  --pairs N        pairs of peers, 1 to 200 (default 2)
  --rate RATE      traffic each way of each pair: 500kbit, 5mbit, 1gbit (default 5mbit)
  --size BYTES     size of each packet, 64 to 9000 (default 1280)
  --duration TIME  ends by itself: 90, 90s, 5m, 1h (default: never)
  --seed N         the same keys at each run with the same number
  --direct         try direct paths, too
  --json           a line of JSON each second instead of the table
  --data DIR       data folder of the control plane on this machine (default: data)
  --join URL       a control plane elsewhere, together with
  --key K          a reusable auth key of it
  --help           this text
`

const flags = {
  pairs: { type: 'string', default: '2' },
  rate: { type: 'string', default: '5mbit' },
  size: { type: 'string', default: '1280' },
  duration: { type: 'string' },
  seed: { type: 'string' },
  direct: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  data: { type: 'string', default: 'data' },
  join: { type: 'string' },
  key: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const

/** Reads the command line; throws a `UsageError` that says what is expected. */
export function readOptions(words: readonly string[]): SimulateOptions | 'help' {
  const values = parse(words)
  if (values.help) return 'help'
  return {
    pairs: wholeNumber('--pairs', values.pairs, 1, 200),
    bitsPerSecond: readRate(values.rate),
    size: wholeNumber('--size', values.size, 64, 9000),
    durationMs: values.duration === undefined ? undefined : readDuration(values.duration),
    seed: values.seed === undefined ? undefined : wholeNumber('--seed', values.seed, 0, 0xffff_ffff),
    direct: values.direct,
    json: values.json,
    target: readTarget(values.join, values.key, values.data),
  }
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options: flags, allowPositionals: false }).values
  } catch (error) {
    const text = error instanceof Error ? error.message.split('\n', 1)[0] ?? '' : String(error)
    throw new UsageError(`${text.replace(/\. To specify.*/, '')}: see npm run simulate -- --help`)
  }
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= least && value <= most)) throw new UsageError(`${name} ${text}: give a whole number from ${least} to ${most}`)
  return value
}

const rateUnits: Readonly<Record<string, number>> = { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 }

function readRate(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(bit|kbit|mbit|gbit)$/.exec(text.toLowerCase())
  const value = Number(match?.[1]) * (rateUnits[match?.[2] ?? ''] ?? Number.NaN)
  if (!(value >= 1000 && value <= 1e10)) throw new UsageError(`--rate ${text}: give a rate such as 500kbit, 5mbit or 1gbit, from 1kbit to 10gbit`)
  return value
}

const timeUnits: Readonly<Record<string, number>> = { '': 1000, s: 1000, m: 60_000, h: 3_600_000 }

function readDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([smh]?)$/.exec(text)
  const value = Number(match?.[1]) * (timeUnits[match?.[2] ?? ''] ?? Number.NaN)
  if (!(value >= 1000 && value <= 7 * 86_400_000)) throw new UsageError(`--duration ${text}: give a time such as 90s, 5m or 1h, up to 168h`)
  return value
}

function readTarget(join: string | undefined, key: string | undefined, data: string): SimulateOptions['target'] {
  if (join === undefined && key === undefined) return { data }
  if (join === undefined) throw new UsageError('--key is for a control plane elsewhere: give --join URL, too')
  if (key === undefined) throw new UsageError('--join needs an auth key: make a reusable one under Settings, and give it with --key K')
  if (!/^https?:\/\/[^/]/.test(join) || !URL.canParse(join)) {
    throw new UsageError(`--join ${join}: give the address of the dashboard, such as http://192.0.2.1:3000`)
  }
  return { join, key }
}

const serverFile = z.object({ url: z.url() })

/** Where to join, and with which key; read from the data folder where the control plane is on this machine. */
export function findServer(target: SimulateOptions['target']): { readonly server: string; readonly authKey: string } {
  if ('join' in target) return { server: target.join, authKey: target.key }
  const advice = 'start it with npm start, give --data the folder that it uses, or --join URL --key K'
  const read = (name: string): string => {
    try {
      return readFileSync(path.join(target.data, name), 'utf8')
    } catch (error) {
      const why = error instanceof Error && 'code' in error && error.code === 'EACCES' ? 'belongs to another user' : 'is not there'
      throw new UsageError(`No control plane found in ${target.data} (${name} ${why}): ${advice}`)
    }
  }
  const server = serverFile.safeParse(attempt(() => JSON.parse(read('server.json'))))
  if (!server.success) throw new UsageError(`${path.join(target.data, 'server.json')} does not read: ${advice}`)
  return { server: server.data.url, authKey: read(path.join('keys', 'simulate.key')).trim() }
}

/** The value, or undefined when it does not parse; a `UsageError` is passed on. */
function attempt(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    if (error instanceof UsageError) throw error
    return undefined
  }
}
