import type { Clock, RandomBytes } from '../../lib/clock.ts'
import type { Bus } from '../bus/index.ts'
import type { Db } from '../db/client.ts'
import type { LiveNetwork } from './network/types.ts'
import type { Questions } from './questions.ts'

/** What every verb gets: the long-lived things that it may use. */
export interface ServiceContext {
  readonly db: Db
  readonly bus: Bus
  readonly clock: Clock
  readonly random: RandomBytes
  readonly network: LiveNetwork
  readonly live: LiveFigures
  readonly figures: StoredFigures
  readonly server: ServerFacts
  /** What stock clients are asked. */
  readonly questions: Questions
}

/** Last known rates of a relay, bits a second, and its endpoints. */
export interface RelayFigures {
  readonly bitsIn: number
  readonly bitsOut: number
  readonly endpoints: number
}

/** A session that runs. Bytes are all since it began, bits are a second's. */
export interface SessionFigures {
  readonly bitsFromA: number
  readonly bitsFromB: number
  readonly bytesFromA: number
  readonly bytesFromB: number
}

/** A session that runs, as far as verbs need it to tell which would end. */
export interface LiveSession extends SessionFigures {
  readonly id: string
  readonly relayId: number
  readonly aId: number
  readonly bId: number
}

/** What verbs ask of the live figures (server/metrics fits). Rates are bits a second. */
export interface LiveFigures {
  /** Undefined: unknown (offline, or no report for a while). */
  relay(id: number): RelayFigures | undefined
  relays(): readonly RelayFigures[]
  /** By the id of the session's row. */
  sessions(): ReadonlyMap<string, LiveSession>
  sessionCount(relayId?: number): number
  derpRate(): number
  derpPairs(): readonly { readonly a: number; readonly b: number; readonly rateFromA: number; readonly rateFromB: number }[]
}

/** Questions about the past (server/metrics fits). */
export interface StoredFigures {
  /** By relay: mean bits a second forwarded, in 30 buckets of the last 15 minutes, oldest first; null: no report. */
  sparklines(relayIds: readonly number[]): Promise<ReadonlyMap<number, (number | null)[]>>
  /** By relay, of those that reported in the last hour. */
  dropsLastHour(): Promise<ReadonlyMap<number, { readonly byReason: readonly { readonly reason: string; readonly count: number }[]; readonly drops: number; readonly packets: number }>>
  peakLastHour(): Promise<{ readonly rate: number; readonly at: Date } | null>
  /** Null: nothing was recorded then. */
  sessionsHourAgo(): Promise<number | null>
}

/** How this control plane was started, and what its other servers say of themselves. */
export interface ServerFacts {
  readonly version: string
  /** Without a path or a slash at the end. */
  readonly publicUrl: string
  /** Only this machine reaches `publicUrl`. */
  readonly isLoopbackOnly: boolean
  /** The login server for stock clients, one that they come back to after a lost connection; null: there is none, `joinWarning` says why. Now. */
  readonly joinUrl: string | null
  /** What is wrong with it, and how to fix it, one sentence; empty: nothing. Now. */
  readonly joinWarning: string
  /** Of the HTTPS that is served here, now; null: none is. */
  tls(): TlsFacts | null
  readonly database: 'embedded' | 'external'
  readonly stunPort: number
  /** What commands on this machine need to find the data folder, such as `--data '/srv/towpath'`; empty: it is the default. */
  readonly dataFlag: string
  /** Now; null: the DERP server is not up. */
  derp(): DerpFacts | null
}

export interface TlsFacts {
  /** The operator's files, or a certificate that an authority gave us. */
  readonly source: 'files' | 'acme'
  /** What the certificate in use is for. */
  readonly names: readonly string[]
  readonly certificateExpires: Date
  /** Clients refuse it unless they were told to trust it; with `acme`: none was given out yet. */
  readonly selfSigned: boolean
  /** Why the last renewal failed, or newer files cannot be used; empty: all is well. */
  readonly problem: string
  /** When a certificate is asked for next; null: never, or it is being asked for now. */
  readonly nextTry: Date | null
}

export interface CountOfReason {
  readonly reason: string
  readonly count: number
}

export interface DerpFacts {
  readonly host: string
  readonly port: number
  /** `sha256-raw:…` of the certificate in use. */
  readonly pin: string
  readonly certificateExpires: Date
  /** Made and renewed by the control plane; false: the operator's files. */
  readonly ownCertificate: boolean
  /** Connected now. */
  readonly clients: number
  /** Since the start, only what happened, most first: packets not forwarded, connections refused or ended by the server, STUN requests not answered. */
  readonly drops: readonly CountOfReason[]
  readonly closed: readonly CountOfReason[]
  readonly stunDrops: readonly CountOfReason[]
}
