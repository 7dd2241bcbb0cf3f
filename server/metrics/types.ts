import type { Millis } from '../../lib/clock.ts'
import type { Tx } from '../db/client.ts'

/** Names for sessions; the live network fits. */
export interface NodeNames {
  node(id: number): { readonly name: string; readonly kind: 'agent' | 'client' | 'simulated' } | undefined
}

/** What a session carried since it was last counted, both ways together. */
export interface SessionTraffic {
  readonly relayId: number
  readonly a: number
  readonly b: number
  readonly bytes: number
}

/** What grants paid in one transaction. */
export interface QuotaCharged {
  readonly totals: readonly { readonly key: string; readonly month: string; readonly bytes: number }[]
  readonly auditIds: readonly string[]
}

/** Has grants pay for what sessions carry, in the transaction that counts it. */
export interface QuotaLedger {
  charge(tx: Tx, sessions: readonly SessionTraffic[]): Promise<QuotaCharged>
  committed(charged: QuotaCharged): void
  /** Whether a transaction was committed is not known. */
  reload(): Promise<void>
}

/** A pino logger fits. */
export interface MetricsLog {
  warn(fields: object, text: string): void
  error(fields: object, text: string): void
}

export interface ReportArrival {
  /** The control plane's clock. */
  readonly arrivedAt: Millis
  /** The control plane's clock minus the node's; undefined: unknown. */
  readonly skewMs: number | undefined
  /** What sessions carried while nobody looked: counted for them, and for no time, so that no graph and no rate has it. */
  readonly isHistory?: boolean
}

/** Last known rates of a relay, per second; `cpu` is the share of one core. */
export interface RelayFigures {
  readonly id: number
  /** When the report arrived. */
  readonly at: Millis
  readonly bitsIn: number
  readonly bitsOut: number
  readonly packetsIn: number
  readonly packetsOut: number
  readonly cpu: number
  readonly sessions: number
  readonly endpoints: number
  readonly dropsPerSecond: number
}

/** A session that runs. Bytes are all since it began, bits are a second's. */
export interface SessionFigures {
  readonly id: string
  readonly relayId: number
  readonly aId: number
  readonly bId: number
  readonly bitsFromA: number
  readonly bitsFromB: number
  readonly bytesFromA: number
  readonly bytesFromB: number
  /** Packets larger than the way to the other end takes, from A and from B, since it began; absent: none. */
  readonly tooBig?: readonly [number, number] | undefined
}

/** A pair of nodes by id (`a` < `b`) whose packets go over our DERP; bits a second. */
export interface DerpPairFigures {
  readonly a: number
  readonly b: number
  readonly rateFromA: number
  readonly rateFromB: number
}

/** One second of the DERP server. */
export interface DerpSecond {
  /** Of all packets forwarded, each once. */
  readonly bytes: number
  readonly packets?: number
  /** Node ids, in any order; a pair may come once in each. */
  readonly pairs: readonly { readonly a: number; readonly b: number; readonly bytesFromA: number; readonly bytesFromB: number }[]
}
