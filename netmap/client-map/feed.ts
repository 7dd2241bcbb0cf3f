import type { Millis } from '../../lib/clock.ts'
import { goTime, type MapResponse } from '../../protocol/tailcfg/index.ts'
import { mapDelta } from './delta.ts'
import { firstMap } from './first-map.ts'
import { gainedRelays, withoutRelays } from './relay-hold.ts'
import type { Told } from './told.ts'

/** What is put into a stream beside the map. */
export type Said = Pick<MapResponse, 'PingRequest'>

/** A relay hears of its new clients this long before they hear of it: an agent's view waits 20 ms for more. */
export const relayHoldMs = 80
/** Nothing could be written for this long: the connection is dead. */
const stuckMs = 60_000
/** Beyond it questions are refused. */
const maxSaid = 16

export interface FeedOptions {
  /** Between messages: 50 to 58 s, another for each stream (spec/coordination.md §3.6). */
  readonly keepAliveMs: Millis
}

/**
 * What one client is told and when, as a value machine: newest view in, messages out. Its queue is the difference between what the client was
 * told and what it is to be told: however long a client takes nothing, what waits is one view and a few questions, and then comes as one message.
 */
export class MapFeed {
  readonly #options: FeedOptions
  #told: Told | undefined
  #next: Told
  /** Relays that are new to the client are not named before. */
  #heldUntil: Millis = 0
  /** Bounded: `maxSaid`. */
  readonly #said: Said[] = []
  #quietSince: Millis
  #blockedSince: Millis | undefined

  constructor(first: Told, now: Millis, options: FeedOptions) {
    this.#options = options
    this.#next = first
    this.#quietSince = now
  }

  /** What the client was told last; before the first message: what it will be. */
  get told(): Told {
    return this.#told ?? this.#next
  }

  /** It is to be told of relays in a moment. One that only takes nothing is not: it comes by itself when it does. */
  isHeld(now: Millis): boolean {
    return this.#isBehind && now < this.#heldUntil
  }

  get #isBehind(): boolean {
    return this.#told !== undefined && this.#told !== this.#next
  }

  update(next: Told, now: Millis): void {
    if (gainedRelays(this.#next.view, next.view).length > 0) this.#heldUntil = now + relayHoldMs
    this.#next = next
  }

  /** False: too many wait. */
  say(said: Said): boolean {
    if (this.#said.length >= maxSaid) return false
    this.#said.push(said)
    return true
  }

  /** The next message to write; undefined: none for now. */
  take(now: Millis): MapResponse | undefined {
    if (this.#blockedSince !== undefined) return undefined
    const message = this.#nextMessage(now)
    if (message !== undefined) this.#quietSince = now
    return message
  }

  #nextMessage(now: Millis): MapResponse | undefined {
    if (this.#told === undefined) {
      this.#told = this.#next
      return firstMap(this.#told, now)
    }
    const goal = this.#goal(this.#told, now)
    const delta = mapDelta(this.#told, goal, now)
    this.#told = goal
    if (delta !== undefined) return delta
    const said = this.#said.shift()
    if (said === undefined && now < this.#quietSince + this.#options.keepAliveMs) return undefined
    // Never without the time: the bare form arms a bug of clients (trap 2).
    return { KeepAlive: true, ControlTime: goTime(now), ...said }
  }

  #goal(told: Told, now: Millis): Told {
    const next = this.#next
    if (now >= this.#heldUntil || told === next) return next
    const held = gainedRelays(told.view, next.view)
    return held.length === 0 ? next : { ...next, view: withoutRelays(next.view, held) }
  }

  /** When to take again although nothing happens. */
  due(): Millis {
    const keepAlive = this.#quietSince + this.#options.keepAliveMs
    return this.#isBehind ? Math.min(keepAlive, this.#heldUntil) : keepAlive
  }

  /** The client takes less than is written. */
  blocked(now: Millis): void {
    this.#blockedSince ??= now
  }

  /** It took some of it. */
  moved(now: Millis): void {
    if (this.#blockedSince !== undefined) this.#blockedSince = now
  }

  /** It took all of it. */
  unblocked(): void {
    this.#blockedSince = undefined
  }

  isStuck(now: Millis): boolean {
    return this.#blockedSince !== undefined && now - this.#blockedSince >= stuckMs
  }
}
