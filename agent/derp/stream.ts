import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import type { DerpRegion } from '../../protocol/channel/index.ts'

/** Longer replies come from no DERP server. */
const maxReplyBytes = 8192

export interface StreamEvents {
  /** Past the upgrade: what is written goes to the DERP server. */
  readonly onOpen: () => void
  readonly onData: (bytes: Uint8Array) => void
  /** Once, and the last; `text` for people. */
  readonly onClose: (text: string) => void
  readonly onDrain: () => void
}

/** A TLS connection to a region's server, its certificate checked, upgraded to DERP. */
export function openStream(region: DerpRegion, events: StreamEvents): TLSSocket {
  const { host, derpPort: port, pins } = region
  const socket = connect({
    host,
    port,
    ...(isIP(host) ? {} : { servername: host }),
    ALPNProtocols: ['http/1.1'],
    // With pins the hash decides, not a date or a name: that also holds with a clock that is off.
    rejectUnauthorized: pins.length === 0,
  })
  let text = 'the server ended the connection'
  let reply: Buffer | undefined = Buffer.alloc(0)

  const give = (reason: string): void => {
    text = reason
    socket.destroy()
  }
  const readReply = (chunk: Buffer): void => {
    const all = Buffer.concat([reply ?? Buffer.alloc(0), chunk])
    const end = all.indexOf('\r\n\r\n')
    if (end < 0 && all.length < maxReplyBytes) {
      reply = all
      return
    }
    const status = all.subarray(0, Math.max(0, all.indexOf('\r\n'))).toString('latin1')
    if (end < 0 || !status.startsWith('HTTP/1.1 101 ')) return give(`it does not speak DERP: ${status.slice(0, 60)}`)
    reply = undefined
    events.onOpen()
    if (all.length > end + 4) events.onData(all.subarray(end + 4))
  }

  socket.setNoDelay(true)
  socket.setKeepAlive(true, 30_000)
  socket.on('secureConnect', () => {
    const seen = pinOf(socket)
    if (pins.length > 0 && !pins.includes(seen)) return give(`its certificate (${seen}) is not the one that the control plane told of`)
    socket.write(`GET /derp HTTP/1.1\r\nHost: ${isIP(host) === 6 ? `[${host}]` : host}:${port}\r\nUpgrade: DERP\r\nConnection: Upgrade\r\n\r\n`)
  })
  socket.on('data', (chunk: Buffer) => {
    if (reply) readReply(chunk)
    else events.onData(chunk)
  })
  socket.on('drain', events.onDrain)
  socket.on('error', (error) => { text = datesText(error) ?? error.message })
  socket.on('end', () => socket.destroy())
  socket.on('close', () => events.onClose(`DERP server ${host}:${port}: ${text}`))
  return socket
}

const outOfDates: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'does not hold yet',
}

/** A certificate out of its dates is as often a clock that is off: both are named. */
function datesText(error: Error): string | undefined {
  const what = 'code' in error ? outOfDates[String(error.code)] : undefined
  const clock = new Date().toISOString().slice(0, 16).replace('T', ' ')
  return what && `by this machine's clock (${clock} UTC) its certificate ${what}: set the clock, or renew the certificate`
}

function pinOf(socket: TLSSocket): string {
  const raw = socket.getPeerX509Certificate()?.raw
  return raw ? `sha256-raw:${createHash('sha256').update(raw).digest('hex')}` : 'none'
}
