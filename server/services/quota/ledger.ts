import { formatBytes, monthName, monthOf } from '../../../policy/index.ts'
import type { Db, Tx } from '../../db/client.ts'
import { systemActor } from '../actor.ts'
import { writeAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import type { Charge, QuotaTotal, SessionTraffic } from './types.ts'

/** Whom a person is told of, each once: when use comes from below it. Of several at once the last. */
const marks = [{ share: 0.8, action: 'policy.quota-nearly-used' }, { share: 1, action: 'policy.quota-used-up' }] as const

/** What one transaction wrote. */
export interface QuotaCharged {
  readonly totals: readonly QuotaTotal[]
  readonly auditIds: readonly string[]
}

/** Has grants pay for what sessions carry, in the transaction that counts it: so both are done once, or neither is. */
export interface QuotaLedger {
  charge(tx: Tx, sessions: readonly SessionTraffic[]): Promise<QuotaCharged>
  /** The transaction is committed. */
  committed(charged: QuotaCharged): void
  /** It may be, or not: what is known is read anew. */
  reload(): Promise<void>
}

export function createQuotaLedger({ db, bus, clock, network }: Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'network'>): QuotaLedger {
  const { quotas } = network
  return {
    async charge(tx, sessions) {
      const charges = quotas.charges(sessions)
      if (charges.length === 0) return { totals: [], auditIds: [] }
      const totals = await addUse(tx, charges)
      return { totals, auditIds: await auditMarks(tx, charges, totals) }
    },
    committed({ totals, auditIds }) {
      for (const id of auditIds) bus.publish('audit.added', { id })
      quotas.took(totals)
    },
    async reload() {
      quotas.load(await readQuotaUse(db, monthOf(clock.now())))
    },
  }

  async function auditMarks(tx: Tx, charges: readonly Charge[], totals: readonly QuotaTotal[]): Promise<string[]> {
    const now = clock.now()
    const added = new Map(charges.map(({ key, bytes }) => [key, bytes]))
    const ids: string[] = []
    for (const { key, line, quota } of quotas.uses()) {
      const total = totals.find((one) => one.key === key)?.bytes ?? 0
      const mark = marks.findLast(({ share }) => total >= quota * share && total - (added.get(key) ?? 0) < quota * share)
      if (mark === undefined) continue
      ids.push(await writeAudit(tx, systemActor('Quotas'), new Date(now), {
        action: mark.action, target: { kind: 'policy', id: key, name: `line ${line}` }, after: { quota: formatBytes(quota), month: monthName(now) },
      }))
    }
    return ids
  }
}

/** One statement for all grants of a batch. */
async function addUse(tx: Tx, charges: readonly Charge[]): Promise<QuotaTotal[]> {
  const rows = await tx.$queryRaw<{ key: string; month: string; bytes: bigint }[]>`
    INSERT INTO "QuotaUse" AS q (key, month, bytes)
    SELECT * FROM unnest(${charges.map((one) => one.key)}::text[], ${charges.map((one) => one.month)}::text[], ${charges.map((one) => one.bytes)}::float8[])
    ON CONFLICT (month, key) DO UPDATE SET bytes = q.bytes + excluded.bytes
    RETURNING key, month, bytes`
  return rows.map(({ bytes, ...row }) => ({ ...row, bytes: Number(bytes) }))
}

/** By grant, bytes used in a month. */
export async function readQuotaUse(db: Db, month: string): Promise<ReadonlyMap<string, number>> {
  const rows = await db.$queryRaw<{ key: string; bytes: bigint }[]>`SELECT key, bytes FROM "QuotaUse" WHERE month = ${month}`
  return new Map(rows.map(({ key, bytes }) => [key, Number(bytes)]))
}
