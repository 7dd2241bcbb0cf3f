import { existsSync } from 'node:fs'
import { formatRate } from '../../lib/rate.ts'
import { DataFolder } from '../config.ts'
import { lockHolder } from '../lock.ts'
import type { Forwarding, SetArguments } from './arguments.ts'
import { restartText } from './restart.ts'

/** Keeps what was told, and says a line about each. Throws when the folder is not there. */
export function set({ data, relayServerPort, forwarding }: SetArguments): string {
  if (!existsSync(data)) throw new Error(`There is no agent's data in ${data}: join first, or give --data`)
  const folder = new DataFolder(data)
  return [
    ...(relayServerPort === undefined ? [] : [setPort(folder, relayServerPort)]),
    ...(forwarding === undefined ? [] : [setForwarding(folder, forwarding)]),
  ].join('\n')
}

/** The running agent sees it within a second. */
function setPort(folder: DataFolder, port: number | null): string {
  folder.saveRequestedPort(port ?? undefined)
  const running = lockHolder(folder.path) === undefined ? ' when the agent runs' : ''
  if (port === null) return `No longer asks to relay${running}`
  const relay = folder.config().view?.relay
  const next = !relay?.advertised ? 'turn the relay on in the dashboard'
    : relay.port === port ? 'it is on, on that port'
      : `the relay is on, on port ${relay.port}: change its port in the dashboard`
  return `Asks to relay on UDP port ${port}${running}: ${next}`
}

function setForwarding(folder: DataFolder, changes: NonNullable<SetArguments['forwarding']>): string {
  const before = folder.forwarding()
  const after: Forwarding = {
    dataPlane: changed(before.dataPlane, changes.dataPlane),
    workers: changed(before.workers, changes.workers),
    sessionRate: changed(before.sessionRate, changes.sessionRate),
  }
  folder.saveForwarding(after)
  return `At the agent's next start: ${forwardingText(after)}${restartText(folder)}`
}

function changed<Value>(before: Value | undefined, wanted: Value | null | undefined): Value | undefined {
  return wanted === undefined ? before : (wanted ?? undefined)
}

function forwardingText({ dataPlane, workers, sessionRate }: Forwarding): string {
  const parts = [
    ...(dataPlane === undefined ? [] : [`data plane ${dataPlane}`]),
    ...(workers === undefined ? [] : [`${workers} ${workers === 1 ? 'worker' : 'workers'}`]),
    ...(sessionRate === undefined ? [] : [`session rate ${formatRate(sessionRate)}`]),
  ]
  return parts.length === 0 ? 'the defaults, as nothing is set' : parts.join(', ')
}
