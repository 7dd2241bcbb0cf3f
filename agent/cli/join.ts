import { randomBytes } from 'node:crypto'
import { ChannelClient } from '../channel/client.ts'
import { refusalText, waitsText, type Welcome } from '../channel/machine.ts'
import { DataFolder, writeAtomically } from '../config.ts'
import { hostInfo } from '../host-info.ts'
import { takeLock } from '../lock.ts'
import { removedText, staysOut } from '../removal.ts'
import { systemClock } from '../../lib/clock.ts'
import type { RunArguments } from './arguments.ts'
import { authKeyReader } from './run.ts'

const joinMs = 20_000

/** Joins the network and ends, so that whoever installs sees at once what a service would only log. Throws with the reason. */
export async function join(args: RunArguments): Promise<string> {
  const folder = new DataFolder(args.data)
  const saved = folder.config()
  const server = args.server ?? saved.server
  if (server === undefined) throw new Error('No control plane is known: give its address with --server URL')
  if (saved.server === server && staysOut(saved.removed, authKeyReader(args)())) throw new Error(`This machine was ${removedText}`)
  const lock = takeLock(folder.path, writeAtomically)
  let client: ChannelClient | undefined
  let lastText = 'no answer'
  try {
    const { name, authorized } = await new Promise<Welcome>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`Cannot reach the control plane at ${server} (${lastText}): check the address and the way there`)), joinMs)
      client = new ChannelClient({
        server, keys: folder.keys(), host: hostInfo(), kind: 'agent', authKey: authKeyReader(args), name: args.nodeName, region: args.region,
        revision: 0, clock: systemClock, random: (length) => Uint8Array.from(randomBytes(length)),
        onEvent(event) {
          if (event.type === 'log') lastText = event.text.replace('channel: ', '')
          if (event.type === 'welcome') resolve(event.welcome)
          if (event.type === 'refused') reject(new Error(refusalText(event.refused)))
          if (event.type === 'welcome' || event.type === 'refused') clearTimeout(late)
        },
      })
    })
    folder.saveConfig({ ...saved, server, name, removed: undefined })
    return authorized === false ? `Known to ${server} as ${name}, which ${waitsText}` : `Joined ${server} as ${name}`
  } finally {
    await client?.stop(false)
    lock.release()
  }
}
