import type { NetNode } from '../../../netmap/index.ts'
import { isZeroKey } from '../../../protocol/tailcfg/index.ts'
import type { ClientReport } from '../../services/node/report-client.ts'

/** A new client finds its home within a second; one that finds none may still be reached directly. */
const waitMs = 3000

interface Waiting {
  discoKey: string
  readonly timer: NodeJS.Timeout
}

/**
 * Peers know a client from its disco key on, and reach it from its home on. Of one that is new both are written together, so that
 * it costs the others one message: its key waits for its home, for a moment.
 */
export class Introductions {
  readonly #late: (nodeId: number, report: ClientReport) => void
  /** New clients without a home. Bounded: one per node of the network, for `waitMs`. */
  readonly #waiting = new Map<number, Waiting>()

  /** `late`: what is to be written when no home came. */
  constructor(late: (nodeId: number, report: ClientReport) => void) {
    this.#late = late
  }

  /** What of a report is to be written now. */
  pass({ id, homeDerp, discoKey: known }: Pick<NetNode, 'id' | 'homeDerp' | 'discoKey'>, report: ClientReport): ClientReport {
    const { discoKey, ...rest } = report
    const isIntroduced = homeDerp > 0 || (known !== '' && !isZeroKey(known)) || (report.hostinfo?.NetInfo?.PreferredDERP ?? 0) > 0
    if (isIntroduced) {
      this.forget(id)
      return report
    }
    if (discoKey === undefined) return report
    const waiting = this.#waiting.get(id)
    if (waiting) waiting.discoKey = discoKey
    else this.#waiting.set(id, { discoKey, timer: setTimeout(() => this.#give(id), waitMs) })
    return rest
  }

  forget(nodeId: number): void {
    clearTimeout(this.#waiting.get(nodeId)?.timer)
    this.#waiting.delete(nodeId)
  }

  dispose(): void {
    for (const nodeId of this.#waiting.keys()) this.forget(nodeId)
  }

  #give(nodeId: number): void {
    const waiting = this.#waiting.get(nodeId)
    this.#waiting.delete(nodeId)
    if (waiting) this.#late(nodeId, { discoKey: waiting.discoKey })
  }
}
