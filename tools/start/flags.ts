import { parseArgs } from 'node:util'
import { readCommand, UsageError } from '../../agent/cli/arguments.ts'
import { settingNames, type SettingName, type Variables } from '../../server/env.ts'
import { StartError } from '../../server/errors/index.ts'

export interface Flags {
  /** The settings as the control plane's variables: what was given as a flag wins over the environment. */
  readonly variables: Variables
  readonly help: boolean
  /** Whether this machine's agent runs too. */
  readonly agent: boolean
  /** This machine asks to relay from the start; the dashboard's switch still decides. */
  readonly relay: boolean
  /** Options of this machine's agent, as it takes them itself. */
  readonly agentOptions: readonly string[]
}

const agentSettings: readonly SettingName[] = [
  { flag: 'data-plane', variable: 'TOWPATH_DATA_PLANE', value: 'NAME', help: 'what forwards packets in this machine’s agent: auto, batched or dgram (default auto)' },
  { flag: 'workers', variable: 'TOWPATH_WORKERS', value: 'N', help: 'threads of its data plane “batched” (default: one a core but one)' },
  { flag: 'session-rate', variable: 'TOWPATH_SESSION_RATE', value: 'RATE', help: 'the most that one session over its relay may carry each way, such as 100mbit (default: no limit)' },
]
const settings: readonly SettingName[] = [...Object.values(settingNames), ...agentSettings]

/** Reads the words after `npm start --`. Throws StartError on a flag that does not exist, and on what the agent would not start with. */
export function readFlags(argv: readonly string[], environment: Variables): Flags {
  const strings = Object.fromEntries(settings.map(({ flag }) => [flag, { type: 'string' as const }]))
  const options = { ...strings, 'no-agent': { type: 'boolean' as const }, relay: { type: 'boolean' as const }, help: { type: 'boolean' as const, short: 'h' } }
  let values: Readonly<Record<string, string | boolean | undefined>>
  try {
    values = parseArgs({ args: [...argv], options, strict: true, allowPositionals: false }).values
  } catch (error) {
    const text = error instanceof Error ? error.message.split('. ')[0] : String(error)
    throw new StartError(`${text}: npm start -- --help lists what there is`, { cause: error })
  }
  const variables: Record<string, string | undefined> = { ...environment }
  for (const { flag, variable } of settings) {
    const value = values[flag]
    if (typeof value === 'string') variables[variable] = value
  }
  return { variables, help: values.help === true, agent: values['no-agent'] !== true, relay: values.relay === true, agentOptions: agentOptions(variables) }
}

/** Throws StartError now, where the agent would end at each start. */
function agentOptions(variables: Variables): string[] {
  const given = agentSettings.flatMap(({ flag, variable }) => (variables[variable] ? [`--${flag}=${variables[variable]}`] : []))
  try {
    readCommand(['run', ...given], {}, false)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    throw new StartError(error.message, { cause: error })
  }
  return given
}

/** What `--help` prints. */
export function helpText(): string {
  const rows = [
    ...settings.map(({ flag, value, help }) => [`--${flag} ${value}`, help] as const),
    ['--no-agent', 'the control plane alone, without this machine’s agent'] as const,
    ['--relay', 'this machine asks to relay from the start; the dashboard’s switch decides'] as const,
  ]
  const width = Math.max(...rows.map(([left]) => left.length))
  return [
    'npm start -- [options]: the control plane, its database, and this machine’s agent', '',
    ...rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`), '',
    'DATABASE_URL, where set, is a PostgreSQL of your own (15 or newer); otherwise one is started in the data folder.',
    `Each option may also be given as a variable: ${settings[0]?.variable} and so on.`,
  ].join('\n')
}
