import { createSocket, type Socket } from 'node:dgram'
import { udpPortOwner } from './port-owner.ts'

/** One port on both families; `v6` is absent on a machine without IPv6. */
export interface SocketPair {
  readonly port: number
  readonly v4: Socket
  readonly v6: Socket | undefined
}

export type BindOutcome =
  | { readonly ok: true; readonly sockets: SocketPair; readonly text: string }
  | { readonly ok: false; readonly text: string }

/** Wanted room for bursts; the system gives what its limit allows. */
const bufferBytes = 4 << 20

/** A free port of one family may be taken in the other: tries when the system chooses the port. */
const chosenPortTries = 8

const noIPv6 = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EPROTONOSUPPORT', 'EINVAL'])

/** Binds UDP `port` on all IPv4 and all IPv6 addresses; a failure is a text, never an exception. */
export async function bindSockets(port: number): Promise<BindOutcome> {
  for (let attempt = 1; ; attempt++) {
    const v4 = await bindOne('udp4', port)
    if (!v4.ok) return { ok: false, text: await bindFailureText(port, v4.code) }
    const chosen = v4.socket.address().port
    const v6 = await bindOne('udp6', chosen)
    if (v6.ok) return { ok: true, sockets: { port: chosen, v4: v4.socket, v6: v6.socket }, text: '' }
    if (noIPv6.has(v6.code)) {
      return { ok: true, sockets: { port: chosen, v4: v4.socket, v6: undefined }, text: 'IPv4 only: this machine has no IPv6' }
    }
    await closeSocket(v4.socket)
    if (port !== 0 || attempt >= chosenPortTries) return { ok: false, text: await bindFailureText(chosen, v6.code) }
  }
}

type Bound = { readonly ok: true; readonly socket: Socket } | { readonly ok: false; readonly code: string }

function bindOne(type: 'udp4' | 'udp6', port: number): Promise<Bound> {
  const family = type === 'udp4' ? 4 : 6
  const socket = createSocket({
    type,
    ipv6Only: type === 'udp6',
    // Destinations are always addresses: without this, each packet goes through the resolver's machinery.
    lookup: (host, _options, done) => done(null, host, family),
  })
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      socket.close()
      resolve({ ok: false, code: error.code ?? error.message })
    }
    socket.once('error', failed)
    socket.bind({ port, exclusive: true }, () => {
      socket.removeListener('error', failed)
      enlarge(socket)
      resolve({ ok: true, socket })
    })
  })
}

/** Best effort: a system may refuse, and the default does too. */
function enlarge(socket: Socket): void {
  try {
    socket.setRecvBufferSize(bufferBytes)
    socket.setSendBufferSize(bufferBytes)
  } catch {
    return
  }
}

/** `Cannot bind port 40000: in use by pid 812 (…)`; `code` as the system names it, or a text. */
export async function bindFailureText(port: number, code: string): Promise<string> {
  const owner = code === 'EADDRINUSE' ? await udpPortOwner(port) : undefined
  const inUse = owner === undefined ? 'in use' : `in use by ${owner}`
  const why = code === 'EADDRINUSE' ? inUse : code === 'EACCES' ? 'no permission for this port' : code
  return `Cannot bind port ${port}: ${why}`
}

export function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.close(() => resolve())
  })
}
