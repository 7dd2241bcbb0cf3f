import { PGlite } from '@electric-sql/pglite'
import { PrismaPg } from '@prisma/adapter-pg'
import type { SqlDriverAdapter, SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import { PrismaPGlite } from 'pglite-prisma-adapter'

/** The database of this name is one in memory: enough to write migrations without a server. */
export const memoryHost = 'memory'

async function memoryAdapter(database: PGlite): Promise<SqlDriverAdapter> {
  const adapter = await new PrismaPGlite(database).connect()
  // The package's own version does not wait for the script: a broken migration would pass.
  adapter.executeScript = async (script) => {
    await database.exec(script)
  }
  return adapter
}

/** Opens what the engine works on. Shadow databases are always in memory: never on a server that holds somebody's data. */
export function createFactory(url: string): SqlMigrationAwareDriverAdapterFactory {
  const connectToShadowDb = async (): Promise<SqlDriverAdapter> => memoryAdapter(await PGlite.create())
  if (new URL(url).hostname === memoryHost) {
    let opened: Promise<PGlite> | undefined
    return {
      provider: 'postgres',
      adapterName: 'memory',
      connect: async () => memoryAdapter(await (opened ??= PGlite.create())),
      connectToShadowDb,
    }
  }
  const server = new PrismaPg({ connectionString: url })
  return { provider: server.provider, adapterName: server.adapterName, connect: () => server.connect(), connectToShadowDb }
}
