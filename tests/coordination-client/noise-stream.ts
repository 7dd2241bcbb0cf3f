import { randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { Duplex } from 'node:stream'
import { parseKey } from '../../protocol/keys.ts'
import { createNoiseClient, type NoiseClient, type NoiseCrypto } from '../../protocol/noise/index.ts'
import { nodeCrypto } from '../../server/coordination/transport/node-crypto.ts'

export interface DialOptions {
  /** The machine's private key, 32 raw bytes; absent: a new one. */
  readonly machine?: Uint8Array
  /** Capability version. */
  readonly version?: number
  /** The server's key, `mkey:…`; absent: asked of `/key`, as a client does at its start. */
  readonly serverKey?: string
  /** Of the upgrade, such as a proxy would add. */
  readonly headers?: Readonly<Record<string, string>>
  /** By default any certificate will do: Noise proves who the server is. */
  readonly isCertificateChecked?: boolean
  /** The address to dial from: a machine has many on its loopback, and the server's limits are by address. */
  readonly localAddress?: string
  readonly crypto?: NoiseCrypto
}

export interface Dialed {
  readonly noise: NoiseClient
  readonly socket: Duplex
  /** Bytes that came with the upgrade. */
  readonly head: Buffer
}

/** An upgrade was answered with another status than 101. */
export class UpgradeRefused extends Error {
  readonly status: number
  constructor(status: number, text: string) {
    super(`HTTP ${status}: ${text.trim()}`)
    this.status = status
  }
}

/** Asks `/key` for the server's Noise key, `mkey:…`. */
export async function fetchServerKey(url: string, version: number, isCertificateChecked = false): Promise<string> {
  const text = await new Promise<string>((resolve, reject) => {
    const get = url.startsWith('https:') ? httpsRequest : httpRequest
    get(`${url}/key?v=${version}`, { rejectUnauthorized: isCertificateChecked, agent: false }, (response) => {
      let body = ''
      response.on('data', (part: Buffer) => { body += part.toString() })
      response.on('end', () => response.statusCode === 200 ? resolve(body) : reject(new UpgradeRefused(response.statusCode ?? 0, body)))
    }).on('error', reject).end()
  })
  const answer: unknown = JSON.parse(text)
  if (typeof answer === 'object' && answer !== null && 'publicKey' in answer && typeof answer.publicKey === 'string') return answer.publicKey
  throw new Error(`/key answered ${text}`)
}

/** The upgrade, as a client asks for it; what follows on the socket is Noise. */
export async function dial(url: string, options: DialOptions = {}): Promise<Dialed> {
  const { machine = randomBytes(32), version = 142, headers = {}, isCertificateChecked = false, localAddress, crypto = nodeCrypto } = options
  const server = parseKey('mkey', options.serverKey ?? await fetchServerKey(url, version, isCertificateChecked))
  if (!server.ok) throw new Error(server.reason)
  const noise = createNoiseClient(version, { machine, server: server.value, ephemeral: randomBytes(32) }, crypto)
  if (!noise.ok) throw new Error(noise.reason)
  return new Promise((resolve, reject) => {
    const ask = url.startsWith('https:') ? httpsRequest : httpRequest
    const upgrade = ask(`${url}/ts2021`, {
      method: 'POST', agent: false, rejectUnauthorized: isCertificateChecked, ...(localAddress !== undefined && { localAddress }),
      headers: {
        ...headers, 'content-length': '0', connection: 'upgrade', upgrade: 'tailscale-control-protocol',
        'x-tailscale-handshake': Buffer.from(noise.value.initiation).toString('base64'),
      },
    })
    upgrade.on('upgrade', (_response, socket, head) => resolve({ noise: noise.value, socket, head }))
    upgrade.on('response', (response) => {
      let text = ''
      response.on('data', (part: Buffer) => { text += part.toString() })
      response.on('end', () => reject(new UpgradeRefused(response.statusCode ?? 0, text)))
    })
    upgrade.on('error', reject)
    upgrade.end()
  })
}

/** HTTP/2's bytes on this side, records on the socket's. */
export class NoiseStream extends Duplex {
  readonly #dialed: Dialed

  constructor(dialed: Dialed) {
    super({ allowHalfOpen: false })
    this.#dialed = dialed
    const { socket, head } = dialed
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('end', () => this.push(null))
    socket.on('close', () => this.destroy())
    socket.on('error', (error) => this.destroy(error))
    if (head.length > 0) this.#receive(head)
  }

  #receive(chunk: Uint8Array): void {
    const { noise, socket } = this.#dialed
    const plains = noise.push(chunk)
    if (!plains.ok) return void this.destroy(new Error(noise.refusal === undefined ? plains.reason : `server error: ${noise.refusal}`))
    if (noise.isEstablished) this.emit('established')
    let hasRoom = true
    for (const plain of plains.value) hasRoom = this.push(plain)
    if (!hasRoom) socket.pause()
  }

  override _read(): void {
    this.#dialed.socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    const { noise, socket } = this.#dialed
    const sealed = noise.seal(chunk)
    if (!sealed.ok) return done(new Error(sealed.reason))
    if (socket.write(sealed.value)) done()
    else socket.once('drain', done)
  }

  override _final(done: () => void): void {
    this.#dialed.socket.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#dialed.socket.destroy()
    done(error)
  }
}

/** Resolves when the server's half of the handshake was read; rejects with its refusal. */
export async function establish(dialed: Dialed): Promise<NoiseStream> {
  const stream = new NoiseStream(dialed)
  if (dialed.noise.isEstablished) return stream
  await new Promise<void>((resolve, reject) => {
    stream.once('established', resolve)
    stream.once('error', reject)
    stream.once('close', () => reject(new Error('closed before the handshake was over')))
  })
  return stream
}
