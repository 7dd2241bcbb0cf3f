import type { RemoteInfo } from 'node:dgram'
import { canonicalIp, type AddrPort } from '../../lib/addr-port.ts'
import { bindSockets, closeSocket } from '../dataplane/bind-sockets.ts'

export interface Udp {
  readonly port: number
  readonly ipv6: boolean
  send(to: AddrPort, bytes: Uint8Array): void
  close(): Promise<void>
}

/** One free UDP port on both families. Throws with a person's text when there is none. */
export async function openUdp(onDatagram: (from: AddrPort, bytes: Uint8Array) => void): Promise<Udp> {
  const bound = await bindSockets(0)
  if (!bound.ok) throw new Error(bound.text)
  const { port, v4, v6 } = bound.sockets
  let closed = false
  for (const socket of v6 ? [v4, v6] : [v4]) {
    socket.on('message', (bytes: Buffer, from: RemoteInfo) => {
      const ip = canonicalIp(from.address)
      if (ip !== undefined) onDatagram({ ip, port: from.port }, bytes)
    })
    // An address that cannot be reached: the path machine sees it by its silence.
    socket.on('error', () => {})
  }
  return {
    port,
    ipv6: v6 !== undefined,
    send(to, bytes) {
      const socket = to.ip.includes(':') ? v6 : v4
      if (socket && !closed) socket.send(bytes, to.port, to.ip, () => {})
    },
    async close() {
      closed = true
      await Promise.all((v6 ? [v4, v6] : [v4]).map(closeSocket))
    },
  }
}
