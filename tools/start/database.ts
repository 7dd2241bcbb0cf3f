import path from 'node:path'
import { connect } from '../../server/db/connect.ts'
import { startEmbedded, type EmbeddedPostgres } from '../../server/db/embedded.ts'

export const databaseName = 'towpath'

async function makeDatabase(server: EmbeddedPostgres): Promise<void> {
  const client = await connect(server.url('postgres'))
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [databaseName])
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${databaseName}`)
  } finally {
    await client.end()
  }
}

/** The embedded server of a data folder, with our database in it. */
export async function startDatabase(data: string, onLog: (text: string) => void): Promise<EmbeddedPostgres> {
  const server = await startEmbedded({ dataDir: path.join(data, 'postgres'), onLog })
  try {
    await makeDatabase(server)
    return server
  } catch (error) {
    await server.stop()
    throw error
  }
}
