import { toHex } from '../../lib/bytes.ts'
import type { Millis, RandomBytes } from '../../lib/clock.ts'
import { TokenBucket, type Rate } from '../../lib/token-bucket.ts'
import {
  challengeText, channelVersion, closeCodes, encodeMessage, parseFromNode,
  type FromNode, type Report, type ToNode,
} from '../../protocol/channel/index.ts'
import { canonicalKey } from '../../protocol/keys.ts'
import type { Admission, Prove, Status } from './types.ts'

/** From the socket's opening to a proof that holds. */
const greetingMs = 10_000
/** The verbs that admit a node answer in milliseconds; this bounds a database that hangs. */
const admissionMs = 30_000
const nonceBytes = 32
/** A node that comes back sends the reports it kept, at most 120, in one go. */
const frameRate: Rate = { perSecond: 50, burst: 400 }

export interface Refusal {
  readonly code: string
  readonly text: string
  readonly fix: string
}

export type MachineCommand =
  | { readonly type: 'send'; readonly text: string }
  /** Nothing follows it. */
  | { readonly type: 'close'; readonly code: number; readonly reason: string }
  | { readonly type: 'log'; readonly text: string }
  /** The machine key is proven: answer with `admitted` or `refuse`. */
  | { readonly type: 'admit'; readonly machineKey: string; readonly prove: Prove }
  | { readonly type: 'applied'; readonly revision: number }
  | { readonly type: 'status'; readonly status: Status }
  | { readonly type: 'report'; readonly report: Report; readonly skewMs: number | undefined }
  | { readonly type: 'leave' }

export interface MachineOptions {
  readonly random: RandomBytes
  /** Whether `signature` (64 bytes in hex) over the UTF-8 `text` is by the key of `mkey:…`. Never throws. */
  readonly verify: (machineKey: string, text: string, signature: string) => boolean
  readonly now: Millis
}

type Phase = 'hello' | 'prove' | 'admitting' | 'open' | 'closed'

/** The control plane's half of one channel, without its socket: frames in, commands out. `deadline` says when `tick` is due. */
export class ConnectionMachine {
  #phase: Phase = 'hello'
  #deadline: Millis
  #machineKey = ''
  #nonce = ''
  #challengedAt: Millis = 0
  #skewMs: number | undefined
  readonly #options: MachineOptions
  readonly #frames: TokenBucket

  constructor(options: MachineOptions) {
    this.#options = options
    this.#deadline = options.now + greetingMs
    this.#frames = new TokenBucket(frameRate, options.now)
  }

  get phase(): Phase {
    return this.#phase
  }

  /** Undefined: nothing is due. */
  get deadline(): Millis | undefined {
    return this.#phase === 'open' || this.#phase === 'closed' ? undefined : this.#deadline
  }

  tick(now: Millis): MachineCommand[] {
    if (this.deadline === undefined || now < this.deadline) return []
    return this.#close(closeCodes.tooSlow, this.#phase === 'admitting' ? 'not admitted in time' : `no ${this.#phase} in time`)
  }

  frame(text: string, now: Millis): MachineCommand[] {
    if (this.#phase === 'closed') return []
    if (!this.#frames.take(1, now)) return this.#close(closeCodes.tooFast, `more than ${frameRate.perSecond} frames a second`)
    const parsed = parseFromNode(text)
    if (!parsed.ok) return this.#close(closeCodes.badFrame, `${parsed.reason}: ${parsed.detail}`)
    return this.#message(parsed.value, now)
  }

  /** What is not text is no frame of this channel. */
  binaryFrame(): MachineCommand[] {
    return this.#close(closeCodes.badFrame, 'not-json: a binary frame')
  }

  admitted({ id, stableId, name, addresses, authorized }: Admission): MachineCommand[] {
    if (this.#phase !== 'admitting') return []
    this.#phase = 'open'
    return [send({ type: 'welcome', id, stableId, name, addresses: [...addresses], ...(authorized ? {} : { authorized }) })]
  }

  /** Of a node that is not admitted, or that is no longer. */
  refuse({ code, text, fix }: Refusal): MachineCommand[] {
    if (this.#phase === 'closed') return []
    return [send({ type: 'refused', code, text, fix }), ...this.#close(closeCodes.refused, code)]
  }

  /** For reasons of the hub's: replaced, too slow, shutting down. */
  close(code: number, reason: string): MachineCommand[] {
    return this.#phase === 'closed' ? [] : this.#close(code, reason)
  }

  /** The socket is gone: nothing is sent or closed any more. */
  closed(): void {
    this.#phase = 'closed'
  }

  #message(message: FromNode, now: Millis): MachineCommand[] {
    switch (this.#phase) {
      case 'hello': return message.type === 'hello' ? this.#hello(message.version, message.machineKey, now) : this.#outOfTurn(message)
      case 'prove': return message.type === 'prove' ? this.#prove(message, now) : this.#outOfTurn(message)
      case 'open': return this.#open(message)
      default: return this.#outOfTurn(message)
    }
  }

  #hello(version: number, machineKey: string, now: Millis): MachineCommand[] {
    // Before the key: a later version may write keys in another way.
    if (version !== channelVersion) {
      return this.refuse({
        code: 'version',
        text: `This machine's agent speaks channel version ${version}, the control plane ${channelVersion}`,
        fix: version > channelVersion ? 'Update the control plane' : 'Update the agent on this machine',
      })
    }
    const key = canonicalKey('mkey', machineKey)
    if (!key.ok) return this.#close(closeCodes.badFrame, `machineKey: ${key.reason}`)
    this.#machineKey = key.value
    this.#nonce = toHex(this.#options.random(nonceBytes))
    this.#challengedAt = now
    this.#phase = 'prove'
    return [send({ type: 'challenge', version: channelVersion, nonce: this.#nonce, now })]
  }

  #prove(prove: Prove, now: Millis): MachineCommand[] {
    const nodeKey = canonicalKey('nodekey', prove.nodeKey)
    const discoKey = canonicalKey('discokey', prove.discoKey)
    if (!nodeKey.ok) return this.#close(closeCodes.badFrame, `nodeKey: ${nodeKey.reason}`)
    if (!discoKey.ok) return this.#close(closeCodes.badFrame, `discoKey: ${discoKey.reason}`)
    const machineKey = this.#machineKey
    const text = challengeText(this.#nonce, machineKey, { nodeKey: nodeKey.value, discoKey: discoKey.value, authKey: prove.authKey })
    if (!this.#options.verify(machineKey, text, prove.signature)) {
      return this.refuse({
        code: 'bad-signature',
        text: 'The signature over the challenge and the keys sent with it is not by the machine key that was named',
        fix: 'Start the agent with the data folder that its keys were made in',
      })
    }
    // The node wrote its time about halfway between our challenge and its answer.
    this.#skewMs = prove.now === undefined ? undefined : Math.round((this.#challengedAt + now) / 2 - prove.now)
    this.#phase = 'admitting'
    this.#deadline = now + admissionMs
    return [{ type: 'admit', machineKey, prove: { ...prove, nodeKey: nodeKey.value, discoKey: discoKey.value } }]
  }

  #open(message: FromNode): MachineCommand[] {
    switch (message.type) {
      case 'applied': return [{ type: 'applied', revision: message.revision }]
      case 'status': return [{ type: 'status', status: message }]
      case 'report': return [{ type: 'report', report: message.report, skewMs: this.#skewMs }]
      case 'leave': return [{ type: 'leave' }]
      default: return this.#outOfTurn(message)
    }
  }

  #outOfTurn(message: FromNode): MachineCommand[] {
    return this.#close(closeCodes.badFrame, `${message.type} out of turn`)
  }

  #close(code: number, reason: string): MachineCommand[] {
    this.#phase = 'closed'
    return [{ type: 'log', text: `closed (${code}): ${reason}` }, { type: 'close', code, reason: closeReason(reason) }]
  }
}

function send(message: ToNode): MachineCommand {
  return { type: 'send', text: encodeMessage(message) }
}

/** RFC 6455 leaves 123 bytes for a reason; what is not ASCII would count double. */
function closeReason(reason: string): string {
  return reason.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 120)
}
