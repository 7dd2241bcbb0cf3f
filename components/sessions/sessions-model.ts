import type { LiveSample, SessionRow } from '../../server/trpc/types.ts'

/** Running sessions with this second's figures; what only just ended keeps its last ones. */
export function withSessionSample(rows: readonly SessionRow[], sample: LiveSample | null): SessionRow[] {
  if (!sample) return [...rows]
  const byId = new Map(sample.sessions.map((session) => [session.id, session]))
  return rows.map((row) => {
    const now = row.endedAt ? undefined : byId.get(row.id)
    if (!now) return row
    return {
      ...row,
      rateFromA: now.bitsFromA,
      rateFromB: now.bitsFromB,
      // Whichever counted further: the list and the second are of different moments, and counters never go back.
      bytesFromA: Math.max(row.bytesFromA, now.bytesFromA),
      bytesFromB: Math.max(row.bytesFromB, now.bytesFromB),
      tooBigFromA: Math.max(row.tooBigFromA, now.tooBig?.[0] ?? 0),
      tooBigFromB: Math.max(row.tooBigFromB, now.tooBig?.[1] ?? 0),
      lastSeen: new Date(Math.max(row.lastSeen.getTime(), now.bitsFromA + now.bitsFromB > 0 ? sample.at : 0)),
    }
  })
}

/** Both ways, of all rows. */
export function totals(rows: readonly SessionRow[]): { readonly fromA: number; readonly fromB: number; readonly bytes: number } {
  return rows.reduce(
    (sum, row) => ({ fromA: sum.fromA + (row.rateFromA ?? 0), fromB: sum.fromB + (row.rateFromB ?? 0), bytes: sum.bytes + row.bytesFromA + row.bytesFromB }),
    { fromA: 0, fromB: 0, bytes: 0 },
  )
}
