import type { Millis, RandomBytes } from '../../lib/clock.ts'
import {
  channelVersion, closeCodes, encodeMessage, parseToNode, versionMismatch,
  type ChannelView, type FromNode, type Report, type ToNode,
} from '../../protocol/channel/index.ts'
import { backoffMs } from './backoff.ts'

/** Reports kept until acknowledged. When full no report is cut: the counters go on and the next report covers more. */
export const outboxLimit = 120
/** Sessions named by the reports kept: what they take in memory and on disk goes by these. */
const outboxSessions = 100_000
/** A connection that has not been welcomed within this time is given up, ms. */
const greetingMs = 15_000
/** Retries from here on wait 8 s and more. */
const slowAttempt = 6

export type Prove = Extract<FromNode, { type: 'prove' }>
export type Status = Extract<FromNode, { type: 'status' }>
export type Welcome = Extract<ToNode, { type: 'welcome' }>
export type Refused = Extract<ToNode, { type: 'refused' }>

export interface ChannelIdentity {
  /** Text form, `mkey:…`. */
  readonly machineKey: string
  /** The `prove` for this nonce; signs with the machine key. */
  readonly prove: (nonce: string, revision: number) => Prove
}

export type ChannelCommand =
  | { readonly type: 'connect' }
  | { readonly type: 'send'; readonly text: string }
  | { readonly type: 'close'; readonly code: number; readonly reason: string }
  | { readonly type: 'welcome'; readonly welcome: Welcome }
  | { readonly type: 'view'; readonly revision: number; readonly cause: string; readonly view: ChannelView }
  | { readonly type: 'watch'; readonly on: boolean }
  | { readonly type: 'refused'; readonly refused: Refused }
  /** The control plane's clock minus ours, ms. */
  | { readonly type: 'skew'; readonly skewMs: number }
  | { readonly type: 'log'; readonly text: string }

type Phase = 'waiting' | 'connecting' | 'greeting' | 'open' | 'stopped'

/** The node's half of the channel, without its socket: events in, commands out. `wakeAt` says when `tick` is due. */
export class ChannelMachine {
  #phase: Phase = 'waiting'
  #attempt = 0
  #deadline: Millis = 0
  #revision: number
  #status: Status | undefined
  /** Bound: `outboxLimit` and `outboxSessions`, beyond which no report is made. */
  readonly #outbox: Report[] = []
  readonly #identity: ChannelIdentity
  readonly #random: RandomBytes

  /** `unsent`: reports that an earlier run did not get through. */
  constructor(identity: ChannelIdentity, revision: number, random: RandomBytes, unsent: readonly Report[] = []) {
    this.#outbox.push(...unsent.slice(-outboxLimit))
    this.#identity = identity
    this.#revision = revision
    this.#random = random
  }

  get connected(): boolean {
    return this.#phase === 'open'
  }

  get outboxFull(): boolean {
    return this.#outbox.length >= outboxLimit || this.#outbox.reduce((sum, { sessions }) => sum + sessions.length, 0) >= outboxSessions
  }

  /** Reports not acknowledged yet, oldest first. */
  get unsent(): readonly Report[] {
    return this.#outbox
  }

  /** When to call `tick`; undefined: nothing is due. */
  get wakeAt(): Millis | undefined {
    return this.#phase === 'open' || this.#phase === 'stopped' ? undefined : this.#deadline
  }

  tick(now: Millis): ChannelCommand[] {
    if (this.wakeAt === undefined || now < this.#deadline) return []
    this.#deadline = now + greetingMs
    if (this.#phase === 'waiting') {
      this.#phase = 'connecting'
      return [{ type: 'connect' }]
    }
    return [{ type: 'close', code: closeCodes.tooSlow, reason: 'no welcome in time' }, ...this.closed(now)]
  }

  opened(): ChannelCommand[] {
    if (this.#phase !== 'connecting') return []
    this.#phase = 'greeting'
    return [send({ type: 'hello', version: channelVersion, machineKey: this.#identity.machineKey })]
  }

  /** The socket ended, by whichever side. A later event of the same socket must not be passed on. */
  closed(now: Millis, code?: number, reason = ''): ChannelCommand[] {
    if (this.#phase === 'stopped' || this.#phase === 'waiting') return []
    const isMisread = code === closeCodes.badFrame
    // Two processes with one identity would throw each other out several times a second.
    if (code === closeCodes.replaced || isMisread) this.#attempt = Math.max(this.#attempt, slowAttempt)
    this.#phase = 'waiting'
    this.#deadline = now + backoffMs(this.#attempt, this.#random)
    this.#attempt += 1
    return isMisread ? [{ type: 'refused', refused: misread(reason) }] : []
  }

  frame(text: string, now: Millis): ChannelCommand[] {
    const parsed = parseToNode(text)
    if (!parsed.ok) {
      const reason = `${parsed.reason}: ${parsed.detail}`
      return [{ type: 'log', text: reason }, { type: 'close', code: closeCodes.badFrame, reason: reason.slice(0, 120) }, ...this.closed(now)]
    }
    return this.#message(parsed.value, now)
  }

  #message(message: ToNode, now: Millis): ChannelCommand[] {
    switch (message.type) {
      case 'challenge': {
        if (this.#phase !== 'greeting') return []
        const prove = send({ ...this.#identity.prove(message.nonce, this.#revision), now })
        const skew = { type: 'skew', skewMs: message.now - now } as const
        return message.version === channelVersion ? [skew, prove] : [{ type: 'log', text: versionMismatch(message.version) }, prove]
      }
      case 'welcome':
        if (this.#phase !== 'greeting') return []
        this.#phase = 'open'
        this.#attempt = 0
        return [
          { type: 'welcome', welcome: message },
          ...(this.#status === undefined ? [] : [send(this.#status)]),
          ...this.#outbox.map((report) => send({ type: 'report', report })),
        ]
      case 'refused':
        // Retried at the longest pace: an administrator may approve the machine or mend its key meanwhile. A database that is away is back soon.
        if (message.code !== 'unavailable') this.#attempt = Math.max(this.#attempt, slowAttempt)
        return [{ type: 'refused', refused: message }, { type: 'close', code: closeCodes.refused, reason: message.code }, ...this.closed(now)]
      case 'view':
        return this.#phase === 'open' ? [message] : []
      case 'watch':
        return [message]
      case 'ack': {
        const at = this.#outbox.findIndex((report) => report.boot === message.boot && report.sequence === message.sequence)
        if (at >= 0) this.#outbox.splice(at, 1)
        return []
      }
    }
  }

  /** Called once the view is in force and saved. */
  applied(revision: number): ChannelCommand[] {
    this.#revision = revision
    return this.#ifOpen({ type: 'applied', revision })
  }

  /** The newest status is sent now, and again after each reconnection. */
  status(status: Status): ChannelCommand[] {
    if (JSON.stringify(status) === JSON.stringify(this.#status)) return []
    this.#status = status
    return this.#ifOpen(status)
  }

  report(report: Report): ChannelCommand[] {
    this.#outbox.push(report)
    return this.#ifOpen({ type: 'report', report })
  }

  /** Ends for good; `leave` removes an ephemeral node at once. */
  stop(leave: boolean): ChannelCommand[] {
    const farewell = leave ? this.#ifOpen({ type: 'leave' }) : []
    this.#phase = 'stopped'
    return [...farewell, { type: 'close', code: 1000, reason: 'stopping' }]
  }

  #ifOpen(message: FromNode): ChannelCommand[] {
    return this.#phase === 'open' ? [send(message)] : []
  }
}

/** The same words would be misread again: whoever runs the agent must know. */
function misread(reason: string): Refused {
  return {
    type: 'refused', code: 'bad-frame', text: `The control plane does not take what this agent sent (${reason || 'no reason given'})`,
    fix: 'Correct the option if one is named; else bring the agent and the control plane to the same version',
  }
}

/** Refusals that go by themselves: the node comes again and needs nobody. */
const passing: readonly string[] = ['unavailable', 'rate-limited']

export function isPassing({ code }: Pick<Refused, 'code'>): boolean {
  return passing.includes(code)
}

/** What a machine is told that joined without an auth key. */
export const waitsText = 'waits for approval: approve it in the dashboard under Machines'

/** What happened and what to do, as one line. */
export function refusalText({ text, fix }: Pick<Refused, 'text' | 'fix'>): string {
  return `${text.replace(/\.$/, '')}. ${fix}`
}

function send(message: FromNode): ChannelCommand {
  return { type: 'send', text: encodeMessage(message) }
}
