import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { parseRate } from '../../lib/rate.ts'
import { dataPlaneNames, maxWorkers, type DataPlaneName } from '../dataplane/options.ts'
import { logLevels, type LogLevel } from '../log-levels.ts'

/** A mistake on the command line: one line, exit code 1. */
export class UsageError extends Error {}

export type Command =
  | ({ readonly name: 'run' } & RunArguments)
  | ({ readonly name: 'join' } & RunArguments)
  | { readonly name: 'set'; readonly data: string; readonly relayServerPort: number | undefined }
  | { readonly name: 'status'; readonly data: string; readonly json: boolean }
  | { readonly name: 'help' }
  | { readonly name: 'version' }

export interface RunArguments {
  readonly data: string
  readonly server: string | undefined
  readonly authKey: string | undefined
  readonly authKeyFile: string | undefined
  readonly nodeName: string | undefined
  readonly region: string | undefined
  readonly metricsPort: number
  readonly dataPlane: DataPlaneName
  readonly workers: number | undefined
  /** Bits a second. */
  readonly sessionRate: number | undefined
  readonly logLevel: LogLevel
}

const options = {
  server: { type: 'string' },
  'auth-key': { type: 'string' },
  'auth-key-file': { type: 'string' },
  data: { type: 'string' },
  name: { type: 'string' },
  region: { type: 'string' },
  'metrics-port': { type: 'string' },
  'data-plane': { type: 'string' },
  workers: { type: 'string' },
  'session-rate': { type: 'string' },
  'log-level': { type: 'string' },
  'relay-server-port': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const

/** Which options each command takes; another is a mistake, not noise. */
const takes: Readonly<Record<'run' | 'join' | 'set' | 'status', readonly (keyof typeof options)[]>> = {
  run: ['server', 'auth-key', 'auth-key-file', 'data', 'name', 'region', 'metrics-port', 'data-plane', 'workers', 'session-rate', 'log-level'],
  join: ['server', 'auth-key', 'auth-key-file', 'data', 'name', 'region', 'log-level'],
  set: ['relay-server-port', 'data'],
  status: ['json', 'data'],
}

type Environment = Readonly<Record<string, string | undefined>>

export const defaultMetricsPort = 9410

/** `/var/lib/towpath-agent` for root, else `~/.local/share/towpath-agent/data`; an installation elsewhere names its own. */
export function defaultData(env: Environment, isRoot: boolean): string {
  if (env['TOWPATH_AGENT_DATA']) return env['TOWPATH_AGENT_DATA']
  if (isRoot) return '/var/lib/towpath-agent'
  return join(env['XDG_DATA_HOME'] || join(env['HOME'] || homedir(), '.local', 'share'), 'towpath-agent', 'data')
}

/** Reads the words after the program's name. Throws `UsageError`. */
export function readCommand(words: readonly string[], env: Environment = process.env, isRoot = process.getuid?.() === 0): Command {
  const { values, positionals } = parse(words)
  if (values.help) return { name: 'help' }
  if (values.version) return { name: 'version' }
  const [word = 'run', extra] = positionals
  if (word === 'help' || word === 'version') return { name: word }
  if (word !== 'run' && word !== 'join' && word !== 'set' && word !== 'status') throw new UsageError(`No such command: "${word}". See --help`)
  if (extra !== undefined) throw new UsageError(`"${extra}" is one word too many. See --help`)
  for (const option of Object.keys(values)) {
    if (!takes[word].some((taken) => taken === option)) throw new UsageError(`"${word}" takes no --${option}. See --help`)
  }
  const data = values.data ?? defaultData(env, isRoot)
  if (word === 'status') return { name: word, data, json: values.json ?? false }
  if (word === 'set') return { name: word, data, relayServerPort: requestedPort(values['relay-server-port']) }
  return {
    name: word,
    data,
    server: serverUrl(values.server),
    authKey: values['auth-key'],
    authKeyFile: values['auth-key-file'],
    nodeName: hostLabel(values.name),
    region: regionText(values.region),
    metricsPort: port('--metrics-port', values['metrics-port'] ?? String(defaultMetricsPort)),
    dataPlane: oneOf('--data-plane', dataPlaneNames, values['data-plane'] ?? 'auto'),
    workers: workerCount(values.workers),
    sessionRate: bitRate('--session-rate', values['session-rate']),
    logLevel: oneOf('--log-level', logLevels, values['log-level'] ?? 'info'),
  }
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true })
  } catch (error) {
    // Node's text has a second sentence about how to write positionals.
    throw new UsageError(`${error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error)}. See --help`)
  }
}

function port(option: string, text: string): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1 || value > 65_535) throw new UsageError(`${option} is a port from 1 to 65535, not "${text}"`)
  return value
}

function workerCount(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < 1 || value > maxWorkers) throw new UsageError(`--workers is a number from 1 to ${maxWorkers}, not "${text}"`)
  return value
}

function bitRate(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const bits = parseRate(text)
  if (bits === undefined || bits === 0) throw new UsageError(`${option} is a rate such as 100mbit (kbit, mbit, gbit), not "${text}"`)
  return bits
}

function requestedPort(text: string | undefined): number | undefined {
  if (text === undefined) throw new UsageError('Nothing to set: give --relay-server-port=40000, or --relay-server-port= to ask for none')
  return text === '' ? undefined : port('--relay-server-port', text)
}

function serverUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') throw new UsageError(`--server is an address as http://host:3000, not "${text}"`)
  return text
}

function hostLabel(text: string | undefined): string | undefined {
  if (text !== undefined && !/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i.test(text)) {
    throw new UsageError(`--name is up to 63 letters, digits and hyphens, a hyphen neither first nor last, not ${JSON.stringify(text)}`)
  }
  return text
}

function regionText(text: string | undefined): string | undefined {
  const region = text?.trim()
  if (region === '' || (region !== undefined && (region.length > 40 || /\p{Cc}/u.test(region)))) throw new UsageError(`--region is 1 to 40 characters, not ${JSON.stringify(text)}`)
  return region
}

function oneOf<Known extends string>(option: string, known: readonly Known[], text: string): Known {
  const found = known.find((one) => one === text)
  if (found === undefined) throw new UsageError(`${option} is one of ${known.join(', ')}, not "${text}"`)
  return found
}
