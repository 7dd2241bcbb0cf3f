import { z } from 'zod'
import { readJson } from './json-answer.ts'

const counter = z.number().nonnegative().max(Number.MAX_SAFE_INTEGER)
const end = z.object({
  /** `d:` and the first 16 hex digits of its disco key. */
  ShortDisco: z.string().regex(/^d:[0-9a-f]{16}$/),
  PacketsTx: counter,
  BytesTx: counter,
})
const answerSchema = z.object({
  UDPPort: z.number().int().min(0).max(65_535).nullish(),
  Sessions: z.array(z.object({ VNI: z.number().int().min(1).max(0xff_ffff), Client1: end, Client2: end })).max(70_000).nullish(),
})

/** One end of a session on a stock relay, with what it sent since the session began. */
export interface StockEnd {
  /** The first 16 hex digits of its disco key. */
  readonly disco: string
  readonly bytes: number
  readonly packets: number
}

/** `a` has the lower disco key, as everywhere. */
export interface StockSession {
  readonly vni: number
  readonly a: StockEnd
  readonly b: StockEnd
}

export interface StockSessions {
  /** The relay runs, with this port as its setting; null: it does not. */
  readonly port: number | null
  readonly sessions: readonly StockSession[]
}

/** Reads the answer of `debug-peer-relay-sessions` (spec/coordination.md §7.3); undefined: it is none. */
export function readSessions(body: string): StockSessions | undefined {
  const answer = readJson(answerSchema, body)
  if (answer === undefined) return undefined
  return {
    port: answer.UDPPort ?? null,
    sessions: (answer.Sessions ?? []).map(({ VNI, Client1, Client2 }) => {
      const [one, two] = [Client1, Client2].map(({ ShortDisco, PacketsTx, BytesTx }): StockEnd => ({ disco: ShortDisco.slice(2), bytes: BytesTx, packets: PacketsTx }))
      if (one === undefined || two === undefined) throw new Error('two ends give two ends')
      const [a, b] = one.disco <= two.disco ? [one, two] : [two, one]
      return { vni: VNI, a, b }
    }),
  }
}
