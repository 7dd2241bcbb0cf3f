import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { DataPlaneName } from '../dataplane/options.ts'
import { logLevels, type LogLevel } from '../log-levels.ts'
import { dataPlane, hostLabel, oneOf, port, regionText, serverUrl, sessionRate, UsageError, workerCount } from './values.ts'

export { UsageError } from './values.ts'

export type Command =
  | ({ readonly name: 'run' } & RunArguments)
  | ({ readonly name: 'join' } & RunArguments)
  | ({ readonly name: 'set' } & SetArguments)
  | { readonly name: 'status'; readonly data: string; readonly json: boolean }
  | { readonly name: 'help' }
  | { readonly name: 'version' }

/** How packets are forwarded; undefined: not told. */
export interface Forwarding {
  readonly dataPlane: DataPlaneName | undefined
  readonly workers: number | undefined
  /** Bits a second. */
  readonly sessionRate: number | undefined
}

/** undefined: stays as it is; null: taken back. */
type Change<Value> = Value | null | undefined

export interface SetArguments {
  readonly data: string
  readonly relayServerPort: Change<number>
  /** undefined: none of them was told. */
  readonly forwarding: { readonly [Name in keyof Forwarding]: Change<Forwarding[Name]> } | undefined
}

export interface RunArguments extends Forwarding {
  readonly data: string
  readonly server: string | undefined
  readonly authKey: string | undefined
  readonly authKeyFile: string | undefined
  readonly nodeName: string | undefined
  readonly region: string | undefined
  readonly metricsPort: number
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
  set: ['relay-server-port', 'data-plane', 'workers', 'session-rate', 'data'],
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
  if (word === 'set') return { name: word, data, ...changes(values) }
  return {
    name: word,
    data,
    server: serverUrl(values.server),
    authKey: values['auth-key'],
    authKeyFile: values['auth-key-file'],
    nodeName: hostLabel(values.name),
    region: regionText(values.region),
    metricsPort: port('--metrics-port', values['metrics-port'] ?? String(defaultMetricsPort)),
    dataPlane: given(values['data-plane'], dataPlane),
    workers: given(values.workers, workerCount),
    sessionRate: given(values['session-rate'], sessionRate),
    logLevel: oneOf('--log-level', logLevels, values['log-level'] ?? 'info'),
  }
}

type Values = ReturnType<typeof parse>['values']

function parse(words: readonly string[]) {
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true })
  } catch (error) {
    // Node's text has a second sentence about how to write positionals.
    throw new UsageError(`${error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error)}. See --help`)
  }
}

function given<Value>(text: string | undefined, read: (text: string) => Value): Value | undefined {
  return text === undefined ? undefined : read(text)
}

/** An empty text takes back what was set. */
function change<Value>(text: string | undefined, read: (text: string) => Value): Change<Value> {
  return text === '' ? null : given(text, read)
}

function changes(values: Values): Omit<SetArguments, 'data'> {
  const relayServerPort = change(values['relay-server-port'], (text) => port('--relay-server-port', text))
  const forwarding = {
    dataPlane: change(values['data-plane'], dataPlane),
    workers: change(values.workers, workerCount),
    sessionRate: change(values['session-rate'], sessionRate),
  }
  const isTold = Object.values(forwarding).some((one) => one !== undefined)
  if (relayServerPort === undefined && !isTold) {
    throw new UsageError('Nothing to set: give --relay-server-port=40000, --data-plane, --workers or --session-rate; an empty value takes back')
  }
  return { relayServerPort, forwarding: isTold ? forwarding : undefined }
}
