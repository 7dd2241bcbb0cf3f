import { createSocket } from 'node:dgram'
import { accessSync, constants, existsSync, mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import type { Env } from '../../server/env.ts'
import { StartError } from '../../server/errors/index.ts'

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : String(error))

/** Folder by folder: Node's own recursive way never ends where the system answers that there is no such place (`/proc`). */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return
  makeFolder(path.dirname(folder))
  mkdirSync(folder, { mode: 0o700 })
}

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

function portFault(error: unknown, port: number, kind: 'TCP' | 'UDP', flag: string, bind: string | undefined): StartError {
  const code = codeOf(error)
  if (code === 'EADDRINUSE') return new StartError(`Port ${port} ${kind} is in use by another program: stop it, or give --${flag} another port`, { cause: error })
  if (code === 'EACCES') return new StartError(`Port ${port} ${kind} is not for this user: give --${flag} a port of 1024 or more`, { cause: error })
  if (code === 'EADDRNOTAVAIL') return new StartError(`${bind} is not an address of this machine: correct --bind`, { cause: error })
  return new StartError(`Port ${port} ${kind} cannot be listened on (${code}): give --${flag} another port`, { cause: error })
}

function tryTcp(port: number, host: string | undefined, flag: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error) => reject(portFault(error, port, 'TCP', flag, host)))
    server.listen({ port, host }, () => server.close(() => resolve()))
  })
}

function tryUdp(port: number, flag: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4')
    socket.once('error', (error) => {
      socket.close()
      reject(portFault(error, port, 'UDP', flag, undefined))
    })
    socket.bind({ port, exclusive: true }, () => socket.close(() => resolve()))
  })
}

/** Tries every port before anything that takes time is done. Throws StartError for the first that cannot be had. */
export async function checkPorts({ port, derpPort, stunPort, bind }: Pick<Env, 'port' | 'derpPort' | 'stunPort' | 'bind'>): Promise<void> {
  await tryTcp(port, bind, 'port')
  // These two are for agents elsewhere, whatever the dashboard listens on.
  await tryTcp(derpPort, undefined, 'derp-port')
  await tryUdp(stunPort, 'stun-port')
}
