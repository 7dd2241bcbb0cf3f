import { createSocket } from 'node:dgram'
import { accessSync, constants } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { makeFolder } from '../../agent/make-folder.ts'
import type { Env } from '../../server/env.ts'
import { StartError } from '../../server/errors/index.ts'
import { listenFault, type Place } from '../../server/listening.ts'

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : String(error))

/** Makes the data folder. Throws StartError where it cannot be written. */
export function prepareFolders(...folders: readonly string[]): void {
  for (const folder of folders) {
    try {
      makeFolder(path.resolve(folder))
      accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
    } catch (error) {
      throw new StartError(`Cannot write in ${folder} (${codeOf(error)}): give --data a folder that this user may write`, { cause: error })
    }
  }
}

function tryTcp(place: Place): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error) => reject(listenFault(error, place)))
    server.listen({ port: place.port, host: place.bind }, () => server.close(() => resolve()))
  })
}

function tryUdp(port: number, flag: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4')
    socket.once('error', (error) => {
      socket.close()
      reject(listenFault(error, { port, bind: undefined, flag }, 'UDP'))
    })
    socket.bind({ port, exclusive: true }, () => socket.close(() => resolve()))
  })
}

/** Tries every port before anything that takes time is done. Throws StartError for the first that cannot be had. */
export async function checkPorts({ port, derpPort, stunPort, bind, tls }: Pick<Env, 'port' | 'derpPort' | 'stunPort' | 'bind' | 'tls'>): Promise<void> {
  await tryTcp({ port, bind, flag: 'port' })
  if (tls) {
    await tryTcp({ port: tls.port, bind: tls.bind, flag: 'tls-port' })
    await tryTcp({ port: tls.httpPort, bind: tls.bind, flag: 'http-port' })
  }
  // These two are for agents elsewhere, whatever the dashboard listens on.
  await tryTcp({ port: derpPort, bind: undefined, flag: 'derp-port' })
  await tryUdp(stunPort, 'stun-port')
}
