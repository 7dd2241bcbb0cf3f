/** Why an upgrade was not taken. */
export const refusedReasons = [
  'no-upgrade', 'bad-handshake', 'bad-type', 'bad-length', 'bad-key', 'forged', 'rate', 'too-many-unregistered', 'full', 'stopping',
] as const
export type RefusedReason = (typeof refusedReasons)[number]

/** Why a connection ended. */
export const closedReasons = [
  /** The client's own doing. */
  'client', 'reset',
  'handshake-timeout', 'not-a-record', 'record-too-long', 'record-too-short', 'record-forged', 'nonces-exhausted',
  'h2-error', 'h2-flood', 'h2-resets', 'half-open', 'idle',
  /** Ours: the server stops. */
  'drained',
] as const
export type ClosedReason = (typeof closedReasons)[number]

export interface TransportCounts {
  readonly connections: number
  /** Of these, whose machine has no node yet. */
  readonly unregistered: number
  readonly requests: number
  readonly refused: Readonly<Record<RefusedReason, number>>
  readonly closed: Readonly<Record<ClosedReason, number>>
  /** Requests that nothing serves, by path: how new features of clients show. Letters, digits and `/._-` only. */
  readonly unknownPaths: Readonly<Record<string, number>>
}

const maxPaths = 100
const maxPathLength = 80

function zeros<Reason extends string>(reasons: readonly Reason[]): Record<Reason, number> {
  // Each reason is a key, by construction.
  return Object.fromEntries(reasons.map((reason) => [reason, 0])) as Record<Reason, number>
}

export class TransportCounters {
  requests = 0
  readonly refused = zeros(refusedReasons)
  readonly closed = zeros(closedReasons)
  /** Bounded: `maxPaths`, and `other` for all further ones. */
  readonly #unknownPaths = new Map<string, number>()

  unknownPath(path: string): void {
    const name = path.slice(0, maxPathLength).replaceAll(/[^\w/.-]/g, '_')
    const counted = this.#unknownPaths.has(name) || this.#unknownPaths.size < maxPaths ? name : 'other'
    this.#unknownPaths.set(counted, (this.#unknownPaths.get(counted) ?? 0) + 1)
  }

  get unknownPaths(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#unknownPaths)
  }
}
