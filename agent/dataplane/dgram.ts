import type { RemoteInfo, Socket } from 'node:dgram'
import { canonicalIp, type AddrPort } from '../../lib/addr-port.ts'
import { classify, readVni } from '../../protocol/geneve/index.ts'
import { bindSockets, closeSocket, type SocketPair } from './bind-sockets.ts'
import type { DataPlane, DataPlaneState, OnControl } from './contract.ts'
import { createSessionTable, type ForwardSession } from './sessions.ts'

/** Unsent bytes in a socket's queue beyond which packets are dropped, as a full kernel buffer would drop them. */
const maxQueuedBytes = 8 << 20

/** The queue's size is asked for once in so many packets: the question costs more than the answer changes. */
const queueCheckMask = 31

/** The portable plane, on node:dgram. Per packet it allocates nothing of its own. `note`: why it is this one, for its state's text. */
export function createDgramPlane(onControl: OnControl, note = ''): DataPlane {
  const sessions = createSessionTable()
  let sockets: SocketPair | undefined
  let state: DataPlaneState = { state: 'stopped' }
  let sends = 0
  let congested = false
  const totals = { packetsIn: 0, bytesIn: 0, packetsOut: 0, bytesOut: 0, congestionDrops: 0, kernelDrops: 0, controlDrops: 0, rateDrops: 0, shareDrops: 0, tooBig: 0, socketErrors: 0 }

  const send = (to: AddrPort, bytes: Uint8Array): boolean => {
    const socket = to.ip.includes(':') ? sockets?.v6 : sockets?.v4
    // Port 0 can only be a forged source: it is nobody's to answer, and node throws on it.
    if (!socket || to.port === 0) return false
    if ((sends++ & queueCheckMask) === 0) congested = socket.getSendQueueSize() > maxQueuedBytes
    if (congested) {
      totals.congestionDrops++
      return false
    }
    // Without a callback a failed send (too large, no route) is silent, as loss on the way would be.
    socket.send(bytes, to.port, to.ip)
    totals.packetsOut++
    totals.bytesOut += bytes.length
    return true
  }

  const admits = (session: ForwardSession, fromA: boolean, length: number, isProbe: boolean): boolean => {
    const hasRoom = sessions.admits(session, fromA, length, isProbe)
    if (!hasRoom) totals.rateDrops++
    return hasRoom
  }

  const receive = (bytes: Buffer, from: RemoteInfo): void => {
    totals.packetsIn++
    totals.bytesIn += bytes.length
    const seen = classify(bytes)
    if (seen === 'data' || seen === 'probe') {
      const session = sessions.find(readVni(bytes))
      if (session?.a && session.b && !(session.gentle && seen === 'probe')) {
        const { a, b } = session
        if (from.port === a.port && from.address === a.ip) {
          if (session.limited && !admits(session, true, bytes.length, seen === 'probe')) return
          if (!send(b, bytes)) return
          session.packetsFromA++
          session.bytesFromA += bytes.length
          return
        }
        if (from.port === b.port && from.address === b.ip) {
          if (session.limited && !admits(session, false, bytes.length, seen === 'probe')) return
          if (!send(a, bytes)) return
          session.packetsFromB++
          session.bytesFromB += bytes.length
          return
        }
      }
    }
    // The system may spell an address in its own way, with a zone for one: the core compares canonical texts.
    const ip = canonicalIp(from.address)
    if (ip !== undefined) onControl({ ip, port: from.port }, bytes)
  }

  const attach = (socket: Socket | undefined): void => {
    socket?.on('message', receive)
    socket?.on('error', () => { totals.socketErrors++ })
  }

  return {
    name: 'dgram',
    get state() { return state },
    async start(port) {
      if (sockets) return state
      const outcome = await bindSockets(port)
      if (!outcome.ok) {
        state = { state: 'failed', text: outcome.text }
        return state
      }
      sockets = outcome.sockets
      congested = false
      attach(sockets.v4)
      attach(sockets.v6)
      state = { state: 'bound', port: sockets.port, families: sockets.v6 ? ['IPv4', 'IPv6'] : ['IPv4'], text: [note, outcome.text].filter((text) => text !== '').join('. ') }
      return state
    },
    apply: sessions.apply,
    readActivity: sessions.readActivity,
    readCounters: sessions.readCounters,
    totals: () => ({ ...totals }),
    sendControl(to, bytes) {
      send(to, bytes)
    },
    async close() {
      const open = sockets
      sockets = undefined
      state = { state: 'stopped' }
      if (!open) return
      await Promise.all([closeSocket(open.v4), open.v6 ? closeSocket(open.v6) : undefined])
    },
  }
}
