import { formatRate } from '../../lib/rate.ts'
import { localStatusSchema, type LocalStatus } from '../local-status.ts'
import { lockHolder } from '../lock.ts'

const answerMs = 3000

/** What the agent that uses this folder says of itself. Throws when none runs. */
export async function fetchStatus(data: string): Promise<LocalStatus> {
  const holder = lockHolder(data)
  if (!holder) throw new Error(`No agent is running with the data in ${data}: start it, or give --data`)
  if (holder.statusPort === 0) throw new Error('The agent is starting: ask again in a moment')
  try {
    const response = await fetch(`http://127.0.0.1:${holder.statusPort}/status`, { signal: AbortSignal.timeout(answerMs) })
    return localStatusSchema.parse(await response.json())
  } catch {
    throw new Error(`The agent (process ${holder.pid}) does not answer on 127.0.0.1:${holder.statusPort}`)
  }
}

const stateWords: Readonly<Record<LocalStatus['relay']['state'], string>> = {
  off: 'Off', starting: 'Starting', relaying: 'Relaying', draining: 'Draining', cannot: 'Cannot relay',
}

const kib = (bytes: number): string => `${Math.round(bytes / 1024)} KiB`

function planeText({ dataplane, workers, buffers }: LocalStatus['relay']): string {
  const threads = workers === undefined ? '' : `, ${workers} ${workers === 1 ? 'thread' : 'threads'}`
  if (buffers === undefined) return `${dataplane}${threads}`
  const { asked, receive, send } = buffers
  const wanted = Math.min(receive, send) < asked ? `, of ${kib(asked)} asked for` : ''
  return `${dataplane}${threads}, socket buffers of ${kib(receive)} in and ${kib(send)} out${wanted}`
}

export function statusText(s: LocalStatus): string {
  const { relay } = s
  const port = relay.port === null ? '' : ` on UDP port ${relay.port}`
  const rows = [
    ['Name', s.name ?? 'not joined yet'],
    ['Control plane', `${s.server} (${s.connected ? 'connected' : 'not connected'})`],
    ...(s.refused === undefined ? [] : [['Refused', s.refused]]),
    ...(s.waits === undefined ? [] : [['Machine', s.waits]]),
    ['Relay', `${stateWords[relay.state]}${port}${relay.text === '' ? '' : `: ${relay.text}`}`],
    ...(relay.requestedPort === undefined ? [] : [['Asked for', `UDP port ${relay.requestedPort}`]]),
    ...(relay.addresses.length === 0 ? [] : [['Addresses', relay.addresses.map(({ address }) => address).join(', ')]]),
    ['Data plane', planeText(relay)],
    ...(relay.sessionRate === undefined ? [] : [['Session rate', `${formatRate(relay.sessionRate)} each way`]]),
    ['Sessions', String(s.sessions.length)],
    ['DERP', s.derp.region === 0 ? 'none yet' : `region ${s.derp.region} (${s.derp.connected ? 'connected' : 'not connected'})`],
    ['Version', `${s.version}, process ${s.pid}`],
  ]
  const sessions = s.sessions.map(({ clients, draining }) =>
    `  ${clients.map(({ name, bound }) => `${name} (${bound || 'not bound'})`).join(' ↔ ')}${draining ? ', leaving' : ''}`)
  return [...rows.map(([label = '', value = '']) => `${label.padEnd(15)}${value}`), ...sessions].join('\n')
}
