import { openDb, type Db } from '../../../server/db/client.ts'
import { openInstallation } from '../../../tools/owner-link/installation.ts'

/** Changes what a running installation has stored, for what only a long time or another network brings about. Nobody is told: pages see it when they ask next. */
export async function inDatabase(data: string, change: (db: Db) => Promise<unknown>): Promise<void> {
  const installation = await openInstallation({ ...process.env, TOWPATH_DATA: data })
  const db = openDb(installation.databaseUrl)
  try {
    await change(db)
  } finally {
    await db.$disconnect()
    await installation.close()
  }
}
