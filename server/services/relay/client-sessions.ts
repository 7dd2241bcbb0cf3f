import type { ServiceContext } from '../context.ts'

/** Sessions of a relay that run by the table, with all that they carried. */
export async function runningSessions({ db }: Pick<ServiceContext, 'db'>, relayId: number) {
  const rows = await db.relaySession.findMany({
    where: { relayId, endedAt: null }, select: { key: true, aId: true, bId: true, openedAt: true, bytesA: true, bytesB: true, packetsA: true, packetsB: true },
  })
  return rows.map(({ openedAt, bytesA, bytesB, packetsA, packetsB, ...row }) => ({
    ...row, openedAt: openedAt.getTime(), bytesA: Number(bytesA), bytesB: Number(bytesB), packetsA: Number(packetsA), packetsB: Number(packetsB),
  }))
}
