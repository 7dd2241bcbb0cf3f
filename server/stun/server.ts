import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { canonicalIp } from '../../lib/addr-port.ts'
import { systemClock, type Clock } from '../../lib/clock.ts'
import { decodeBindingRequest, encodeBindingResponse, type BindingRequestError } from '../../protocol/stun/binding.ts'
import { listenFault } from '../listening.ts'
import { createSourceRate } from './source-rate.ts'

/** A node asks once in 25 s from each of its sockets; many of them may be behind one address. */
const requestsPerSourcePerSecond = 50
/** A free port of one family may be taken in the other: tries when the system chooses the port. */
const chosenPortTries = 8
const noIPv6 = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL', 'EPROTONOSUPPORT', 'EINVAL'])

export type StunDrop = BindingRequestError | 'rate' | 'send-failed'

export interface StunStats {
  readonly answered: number
  readonly dropped: Readonly<Record<StunDrop, number>>
}

export interface StunServerOptions {
  /** UDP; 0: the system chooses. */
  readonly port: number
  readonly perSourcePerSecond?: number | undefined
  readonly clock?: Clock | undefined
}

export interface StunServer {
  readonly port: number
  /** False on a machine without IPv6. */
  readonly ipv6: boolean
  stats(): StunStats
  close(): Promise<void>
}

/** Tells who asks by which address it is seen (spec section 6), on IPv4 and IPv6. Throws a `StartError` when the port cannot be had. */
export async function createStunServer({ port, perSourcePerSecond = requestsPerSourcePerSecond, clock = systemClock }: StunServerOptions): Promise<StunServer> {
  const sockets = await bindBoth(port)
  const rate = createSourceRate(perSourcePerSecond)
  const dropped: Record<StunDrop, number> = { 'not-stun': 0, malformed: 0, 'bad-fingerprint': 0, 'not-a-request': 0, rate: 0, 'send-failed': 0 }
  let answered = 0

  for (const socket of sockets) {
    socket.on('message', (bytes: Buffer, from: RemoteInfo) => {
      // A socket for both families would show IPv4 as mapped, and a link-local one has a zone.
      const ip = canonicalIp(from.address)
      if (ip === undefined || !rate.take(ip, clock.now())) return void dropped.rate++
      const request = decodeBindingRequest(bytes)
      if (!request.ok) return void dropped[request.reason]++
      const response = encodeBindingResponse({ transactionId: request.value.transactionId, address: { ip, port: from.port } })
      answered++
      socket.send(response, from.port, from.address, (error) => {
        if (error) dropped['send-failed']++
      })
    })
    // An ICMP error of an earlier answer: nothing to be done about it.
    socket.on('error', () => { dropped['send-failed']++ })
  }

  return {
    port: sockets[0]?.address().port ?? port,
    ipv6: sockets.length > 1,
    stats: () => ({ answered, dropped: { ...dropped } }),
    async close() {
      await Promise.all(sockets.map(closeSocket))
    },
  }
}

const fault = (error: unknown, port: number) => listenFault(error, { port, bind: undefined, flag: 'stun-port' }, 'UDP')

async function bindBoth(port: number): Promise<Socket[]> {
  for (let attempt = 1; ; attempt++) {
    const v4 = await bindOne('udp4', port)
    if (!v4.ok) throw fault(v4.error, port)
    const chosen = v4.socket.address().port
    const v6 = await bindOne('udp6', chosen)
    if (v6.ok) return [v4.socket, v6.socket]
    if (noIPv6.has(v6.error.code ?? '')) return [v4.socket]
    await closeSocket(v4.socket)
    if (port !== 0 || attempt >= chosenPortTries) throw fault(v6.error, chosen)
  }
}

type Bound = { readonly ok: true; readonly socket: Socket } | { readonly ok: false; readonly error: NodeJS.ErrnoException }

function bindOne(type: 'udp4' | 'udp6', port: number): Promise<Bound> {
  const family = type === 'udp4' ? 4 : 6
  // Answers go to addresses: without this `lookup`, each goes through the resolver's machinery.
  const socket = createSocket({ type, ipv6Only: type === 'udp6', lookup: (host, _options, done) => done(null, host, family) })
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      socket.close()
      resolve({ ok: false, error })
    }
    socket.once('error', failed)
    socket.bind({ port, exclusive: true }, () => {
      socket.removeListener('error', failed)
      resolve({ ok: true, socket })
    })
  })
}

function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.close(() => resolve())
  })
}
