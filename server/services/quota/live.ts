import type { Clock } from '../../../lib/clock.ts'
import type { PolicyNode } from '../../../policy/index.ts'
import type { QuotaBook } from './book.ts'
import type { Charge, QuotaTotal, QuotaUse, SessionTraffic } from './types.ts'

/** The quotas of the network in memory. */
export interface LiveQuotas {
  /** Each grant with a quota, in the order of the document. */
  uses(): QuotaUse[]
  /** Which grants are to pay for what sessions carried. */
  charges(sessions: readonly SessionTraffic[]): Charge[]
  /** What is stored now of grants that paid. A quota that is used up by it gives no relay from now on. */
  took(totals: readonly QuotaTotal[]): void
  /** Everything that is stored of this month. */
  load(used: ReadonlyMap<string, number>): void
  /** Whether a relay should report each second, as a quota that it may carry for is nearly used up. */
  isNear(nodeId: number): boolean
  /** Whether what a relay carries may count for a quota. */
  covers(nodeId: number): boolean
  /** Told when `isNear` may have changed, of any node. */
  onNear(listener: () => void): () => void
}

export interface LiveQuotasOptions {
  readonly book: QuotaBook
  readonly clock: Clock
  readonly node: (id: number) => PolicyNode | undefined
  /** Uses changed; perhaps the policy that is left, too. */
  readonly onChange: () => void
}

export function liveQuotas({ book, clock, node, onChange }: LiveQuotasOptions): LiveQuotas {
  /** Bounded: long-lived parts of the process. */
  const listeners = new Set<() => void>()
  const changed = (change: () => void): void => {
    const before = book.near().join()
    change()
    onChange()
    if (book.near().join() !== before) for (const listener of listeners) listener()
  }
  return {
    uses: () => book.uses(),
    charges: (sessions) => book.charges(sessions, node, clock.now()),
    took: (totals) => changed(() => book.took(totals)),
    load: (used) => changed(() => book.load(used, clock.now())),
    isNear(nodeId) {
      const relay = node(nodeId)
      return relay !== undefined && book.isNear(relay)
    },
    covers(nodeId) {
      const relay = node(nodeId)
      return relay !== undefined && book.covers(relay)
    },
    onNear(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
