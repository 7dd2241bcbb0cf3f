import type { Millis } from '../../lib/clock.ts'

/** Timers of stock clients (relay protocol, section 4), ms. */
export const pathTimers = { ping: 3000, trust: 6500, allocateRetry: 3000, relayBudget: 30_000 } as const

export type PathKind = 'direct' | 'relay' | 'derp'

/** Where a ping went: a direct address, or a session (VNI) on a relay's address. */
export interface Route {
  readonly kind: 'direct' | 'relay'
  /** `ip:port`, and for a relay `#vni`: one text per route. */
  readonly key: string
}

interface Candidate {
  readonly route: Route
  lastPingAt: Millis
  lastPongAt: Millis | undefined
  rttMs: number | undefined
  firstPingAt: Millis
}

export type PathCommand =
  | { readonly type: 'ping'; readonly route: Route }
  | { readonly type: 'allocate'; readonly relayId: number }
  | { readonly type: 'forget'; readonly route: Route }

/** Most routes kept for one peer. */
const candidateLimit = 32

/**
 * Chooses the path to one peer: direct before relay before DERP, a path being trusted for 6.5 s after its last Pong.
 * Without sockets: the caller sends what `tick` returns and feeds back what arrives.
 */
export class PathMachine {
  /** Bound: `candidateLimit`. */
  readonly #candidates = new Map<string, Candidate>()
  /** Relay id → when it was last asked. Bound: the relays of the view. */
  readonly #asked = new Map<number, Millis>()

  /** Keeps pinging this route from the next tick on. Beyond the bound it is ignored. */
  add(route: Route, now: Millis): void {
    if (this.#candidates.has(route.key) || this.#candidates.size >= candidateLimit) return
    this.#candidates.set(route.key, { route, lastPingAt: -Infinity, lastPongAt: undefined, rttMs: undefined, firstPingAt: now })
  }

  has(key: string): boolean {
    return this.#candidates.has(key)
  }

  isTrusted(key: string, now: Millis): boolean {
    const at = this.#candidates.get(key)?.lastPongAt
    return at !== undefined && now - at < pathTimers.trust
  }

  pong(key: string, rttMs: number, now: Millis): void {
    const candidate = this.#candidates.get(key)
    if (candidate === undefined) return
    candidate.lastPongAt = now
    candidate.rttMs = rttMs
  }

  /** What to send now. `relays`: ids that the view allows; each is asked every 3 s while neither a direct nor a relay path is trusted. */
  tick(relays: readonly number[], now: Millis): PathCommand[] {
    const commands: PathCommand[] = []
    for (const candidate of this.#candidates.values()) {
      const aliveAt = candidate.lastPongAt ?? candidate.firstPingAt
      // Not forgotten as soon as it is not trusted: two lost pings would make one end lose a way that works.
      if (candidate.route.kind === 'relay' && now - aliveAt >= pathTimers.relayBudget) {
        this.#candidates.delete(candidate.route.key)
        commands.push({ type: 'forget', route: candidate.route })
      } else if (now - candidate.lastPingAt >= pathTimers.ping) {
        candidate.lastPingAt = now
        commands.push({ type: 'ping', route: candidate.route })
      }
    }
    for (const id of this.#asked.keys()) if (!relays.includes(id)) this.#asked.delete(id)
    if (this.best(now).kind !== 'derp') return commands
    for (const relayId of relays) {
      if (now - (this.#asked.get(relayId) ?? -Infinity) < pathTimers.allocateRetry) continue
      this.#asked.set(relayId, now)
      commands.push({ type: 'allocate', relayId })
    }
    return commands
  }

  /** The path that data takes now; a path without a route is DERP. */
  best(now: Millis): { readonly kind: PathKind; readonly route?: Route; readonly rttMs?: number } {
    const found = this.#best('direct', now) ?? this.#best('relay', now)
    if (found === undefined) return { kind: 'derp' }
    return { kind: found.route.kind, route: found.route, ...(found.rttMs === undefined ? {} : { rttMs: found.rttMs }) }
  }

  #best(kind: Route['kind'], now: Millis): Candidate | undefined {
    let best: Candidate | undefined
    for (const candidate of this.#candidates.values()) {
      if (candidate.route.kind !== kind || candidate.lastPongAt === undefined) continue
      if (now - candidate.lastPongAt >= pathTimers.trust) continue
      if (best === undefined || (candidate.rttMs ?? Infinity) < (best.rttMs ?? Infinity)) best = candidate
    }
    return best
  }
}
