import { createHash, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Client } from 'pg'
import { z } from 'zod'
import { StartError } from '../errors/index.ts'
import { connect } from './connect.ts'

/** The lock that Prisma's own `migrate` takes: it and we never run at once. */
const advisoryLock = 72_707_369

/** Prisma's own table, so that its tools read what was applied here. */
const table = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL,
  "checksum" VARCHAR(64) NOT NULL,
  "finished_at" TIMESTAMPTZ,
  "migration_name" VARCHAR(255) NOT NULL,
  "logs" TEXT,
  "rolled_back_at" TIMESTAMPTZ,
  "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
  "applied_steps_count" INTEGER NOT NULL DEFAULT 0
)`

interface Migration {
  readonly name: string
  readonly sql: string
  readonly checksum: string
}

/** The migrations in a folder, in the order of their names. */
export function readMigrations(folder: string): Migration[] {
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return folders.map(({ name }) => name).sort().map((name) => {
    const sql = readFileSync(path.join(folder, name, 'migration.sql'), 'utf8')
    return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
  })
}

const rowSchema = z.object({ migration_name: z.string(), checksum: z.string(), finished_at: z.date().nullable() })

/** What is still to be applied. Throws StartError where the database and the folder disagree. */
async function pending(client: Client, migrations: readonly Migration[]): Promise<Migration[]> {
  const result = await client.query('SELECT migration_name, checksum, finished_at FROM "_prisma_migrations" WHERE rolled_back_at IS NULL')
  const rows = z.array(rowSchema).parse(result.rows)
  const known = new Map(migrations.map((migration) => [migration.name, migration]))
  for (const row of rows) {
    const migration = known.get(row.migration_name)
    if (!migration) {
      throw new StartError(`The database was last used by a newer version (it has the migration ${row.migration_name}): install that version or newer`)
    }
    if (!row.finished_at) {
      throw new StartError(`The migration ${row.migration_name} began and never ended: restore the back-up made before it, then start again`)
    }
    if (migration.checksum !== row.checksum) {
      throw new StartError(`The migration ${row.migration_name} was edited after this database took it: restore the file as it was released`)
    }
  }
  const done = new Set(rows.map((row) => row.migration_name))
  return migrations.filter(({ name }) => !done.has(name))
}

/** All or nothing: a migration may hold no statement that refuses to run in a transaction. */
async function apply(client: Client, { name, sql, checksum }: Migration): Promise<void> {
  const id = randomUUID()
  await client.query('BEGIN')
  try {
    await client.query('INSERT INTO "_prisma_migrations" (id, checksum, migration_name) VALUES ($1, $2, $3)', [id, checksum, name])
    await client.query(sql)
    await client.query('UPDATE "_prisma_migrations" SET finished_at = now(), applied_steps_count = 1 WHERE id = $1', [id])
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    const text = error instanceof Error ? error.message : String(error)
    throw new StartError(`The migration ${name} failed and changed nothing: ${text.split('\n')[0]}`, { cause: error })
  }
}

/**
 * Brings the database up to the migrations in `folder`; of several that start at once, one applies and the others wait for it.
 * Returns the names of those applied now. Throws StartError.
 */
export async function migrate(url: string, folder: string): Promise<string[]> {
  const migrations = readMigrations(folder)
  const client = await connect(url)
  try {
    await client.query('SELECT pg_advisory_lock($1)', [advisoryLock])
    await client.query('SET client_min_messages TO warning')
    await client.query(table)
    const wanted = await pending(client, migrations)
    for (const migration of wanted) await apply(client, migration)
    return wanted.map(({ name }) => name)
  } finally {
    // Ends the session, and the lock with it.
    await client.end()
  }
}
