import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { ed25519 } from '@noble/curves/ed25519.js'
import { WebSocketServer, type WebSocket } from 'ws'
import { fromHex } from '../../lib/bytes.ts'
import {
  challengeText, channelPath, channelVersion, closeCodes, parseFromNode, type ChannelView, type FromNode, type RelayStatus, type Report, type ToNode,
} from '../../protocol/channel/index.ts'
import { parseKey } from '../../protocol/keys.ts'

export type Prove = Extract<FromNode, { type: 'prove' }>

/** A control plane as far as one agent sees it: proves, welcomes, acknowledges, and keeps what it was told. */
export interface FakeControl {
  readonly url: string
  readonly proofs: readonly Prove[]
  readonly applied: readonly number[]
  readonly reports: readonly Report[]
  readonly relay: RelayStatus | undefined
  /** 0: none told. */
  readonly homeDerp: number
  readonly connected: boolean
  /** Sent at once to whoever is connected, and to whoever comes with an older revision. */
  setView(revision: number, view: ChannelView, cause?: string): void
  send(message: ToNode): void
  /** Other requests of the same origin. */
  serve(handler: (request: IncomingMessage, response: ServerResponse) => unknown): void
  close(): Promise<void>
}

export interface FakeControlOptions {
  readonly port?: number
  /** Whether a proof is taken; a text refuses it. */
  readonly admit?: (prove: Prove) => string | undefined
  readonly clockAheadMs?: number
  /** Whether a node that is welcome takes part; false: it waits for approval. */
  readonly authorized?: (prove: Prove) => boolean
  readonly acknowledge?: boolean
}

export async function startFakeControl(options: FakeControlOptions = {}): Promise<FakeControl> {
  const { port = 0, admit = () => undefined, clockAheadMs = 0, acknowledge = true, authorized = () => true } = options
  const http = createServer()
  const sockets = new WebSocketServer({ server: http, path: channelPath })
  const proofs: Prove[] = []
  const applied: number[] = []
  const reports: Report[] = []
  let relay: RelayStatus | undefined
  let homeDerp = 0
  let wanted: Extract<ToNode, { type: 'view' }> | undefined
  let current: WebSocket | undefined

  sockets.on('connection', (socket) => {
    const say = (message: ToNode): void => socket.send(JSON.stringify(message))
    let machineKey = ''
    const nonce = `nonce-${proofs.length}`
    const hear = (message: FromNode): void => {
      switch (message.type) {
        case 'hello':
          machineKey = message.machineKey
          return say({ type: 'challenge', version: channelVersion, nonce, now: Date.now() + clockAheadMs })
        case 'prove': {
          const key = parseKey('mkey', machineKey)
          const signature = fromHex(message.signature)
          if (!key.ok || !signature || !ed25519.verify(signature, new TextEncoder().encode(challengeText(nonce, machineKey, message)), key.value)) {
            return socket.close(4001, 'bad signature')
          }
          proofs.push(message)
          const refused = admit(message)
          if (refused !== undefined) return say({ type: 'refused', code: 'unauthenticated', text: refused, fix: 'Make another key' })
          current = socket
          say({
            type: 'welcome', id: 1, stableId: 's1', name: message.name ?? message.host.hostname, addresses: ['100.64.0.1'],
            ...(authorized(message) ? {} : { authorized: false }),
          })
          if (wanted && wanted.revision !== message.revision) say(wanted)
          return
        }
        case 'applied': return void applied.push(message.revision)
        case 'status':
          relay = message.relay
          homeDerp = message.homeDerp
          return
        case 'report':
          if (!reports.some(({ boot, sequence }) => boot === message.report.boot && sequence === message.report.sequence)) reports.push(message.report)
          if (acknowledge) say({ type: 'ack', boot: message.report.boot, sequence: message.report.sequence })
          return
        case 'leave': return
      }
    }
    socket.on('message', (data) => {
      const parsed = parseFromNode(String(data))
      if (!parsed.ok) return socket.close(closeCodes.badFrame, `${parsed.reason}: ${parsed.detail}`)
      hear(parsed.value)
    })
    socket.on('close', () => {
      if (current === socket) current = undefined
    })
  })
  await new Promise<void>((resolve) => {
    http.listen(port, '127.0.0.1', resolve)
  })
  const address = http.address()
  const send = (message: ToNode): void => current?.send(JSON.stringify(message))
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    proofs,
    applied,
    reports,
    get relay() { return relay },
    get homeDerp() { return homeDerp },
    get connected() { return current !== undefined },
    setView(revision, view, cause = 'Changed') {
      wanted = { type: 'view', revision, view, cause }
      send(wanted)
    },
    send,
    serve: (handler) => void http.on('request', handler),
    close: () => new Promise((resolve) => {
      for (const socket of sockets.clients) socket.terminate()
      http.closeAllConnections()
      http.close(() => resolve())
    }),
  }
}
