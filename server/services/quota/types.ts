import type { QuotaGrant } from '../../../policy/index.ts'

/** What a session carried since it was last counted, both ways together. */
export interface SessionTraffic {
  readonly relayId: number
  readonly a: number
  readonly b: number
  readonly bytes: number
}

/** What a grant pays, in a month such as `2026-11`. */
export interface Charge {
  readonly key: string
  readonly month: string
  readonly bytes: number
}

/** All that a grant paid in a month. */
export type QuotaTotal = Charge

export interface QuotaUse extends QuotaGrant {
  /** Bytes this month. */
  readonly used: number
}
