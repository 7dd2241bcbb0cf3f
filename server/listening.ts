import type { Server } from 'node:net'
import { StartError } from './errors/index.ts'

/** Where to listen, and the flag that says so. */
export interface Place {
  readonly port: number
  /** Undefined: all addresses. */
  readonly bind: string | undefined
  readonly flag: string
}

/** What else may be done about a port that is only for root, and what it costs. */
const instead: Readonly<Record<string, string>> = {
  'tls-port': 'the address of the dashboard and of join commands then carries it',
  'http-port': 'clients then find the server half a second later, and --acme needs port 80 forwarded to it',
}

/** One line for whoever started it: why the place cannot be had, and what to do. */
export function listenFault(error: unknown, { port, bind, flag }: Place, kind: 'TCP' | 'UDP' = 'TCP'): StartError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
  const say = (text: string): StartError => new StartError(text, { cause: error })
  if (code === 'EADDRINUSE') return say(`Port ${port} ${kind} is in use by another program: stop it, or give --${flag} another port`)
  if (code === 'EADDRNOTAVAIL') return say(`${bind} is not an address of this machine: correct --bind`)
  if (code !== 'EACCES') return say(`Port ${port} ${kind} cannot be listened on (${code}): give --${flag} another port`)
  const cost = instead[flag]
  if (cost === undefined) return say(`Port ${port} ${kind} is not for this user: give --${flag} a port of 1024 or more`)
  return say(
    `Port ${port} ${kind} is not for this user: allow it by “setcap cap_net_bind_service=+ep ${process.execPath}” as root, or give --${flag} a port of 1024 or more (${cost})`,
  )
}

/** Resolves once it listens; `onError` gets what goes wrong later. Rejects with a StartError. */
export function listenAt(server: Server, place: Place, onError: (error: unknown) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenFault(error, place)))
    server.listen({ port: place.port, host: place.bind }, () => {
      server.removeAllListeners('error')
      server.on('error', onError)
      resolve()
    })
  })
}
