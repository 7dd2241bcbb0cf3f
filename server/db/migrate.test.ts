import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { StartError } from '../errors/index.ts'
import { connect } from './connect.ts'
import { migrate, readMigrations } from './migrate.ts'
import { createTestDb, type TestDb } from './testing.ts'

const shipped = path.resolve(import.meta.dirname, '../../prisma/migrations')
let database: TestDb
let folder: string

beforeEach(async () => {
  database = await createTestDb({ template: 'template0' })
  folder = mkdtempSync(path.join(tmpdir(), 'towpath-migrations-'))
})

afterEach(async () => {
  await database.drop()
  rmSync(folder, { recursive: true, force: true })
})

function addMigration(name: string, sql: string): void {
  mkdirSync(path.join(folder, name))
  writeFileSync(path.join(folder, name, 'migration.sql'), sql)
}

async function query(sql: string): Promise<unknown[]> {
  const client = await connect(database.url)
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

test('of several that start at once, one applies what is shipped and the others find it done', async () => {
  const applied = await Promise.all([1, 2, 3].map(() => migrate(database.url, shipped)))
  const names = readMigrations(shipped).map(({ name }) => name)
  expect(applied.map((list) => list.length).sort((a, b) => a - b)).toEqual([0, 0, names.length])
  expect(await query('SELECT migration_name FROM "_prisma_migrations" ORDER BY started_at, migration_name')).toHaveLength(names.length)
  expect(await database.db.node.count()).toBe(0)
})

test('a migration that fails changes nothing and is named', async () => {
  addMigration('1_good', 'CREATE TABLE a (id int)')
  addMigration('2_bad', 'CREATE TABLE b (id int); CREATE TABLE a (id int)')
  await expect(migrate(database.url, folder)).rejects.toThrow('The migration 2_bad failed and changed nothing: relation "a" already exists')
  expect(await query(`SELECT to_regclass('a') IS NULL AS a, to_regclass('b') IS NULL AS b`)).toEqual([{ a: false, b: true }])
  rmSync(path.join(folder, '2_bad'), { recursive: true })
  addMigration('2_mended', 'CREATE TABLE b (id int)')
  expect(await migrate(database.url, folder)).toEqual(['2_mended'])
})

test('an edited migration and one of a newer version are refused', async () => {
  addMigration('1_first', 'CREATE TABLE a (id int)')
  addMigration('2_second', 'CREATE TABLE b (id int)')
  await migrate(database.url, folder)
  appendFileSync(path.join(folder, '1_first', 'migration.sql'), '\n-- edited')
  await expect(migrate(database.url, folder)).rejects.toThrow(StartError)
  await expect(migrate(database.url, folder)).rejects.toThrow('1_first was edited')

  const older = mkdtempSync(path.join(tmpdir(), 'towpath-older-'))
  mkdirSync(path.join(older, '1_first'))
  writeFileSync(path.join(older, '1_first', 'migration.sql'), 'CREATE TABLE a (id int)')
  await expect(migrate(database.url, older)).rejects.toThrow('newer version (it has the migration 2_second)')
  cpSync(path.join(folder, '2_second'), path.join(older, '2_second'), { recursive: true })
  expect(await migrate(database.url, older)).toEqual([])
  rmSync(older, { recursive: true })
})

test('a database that is down is one line that says what to do, without the password', async () => {
  const failure = migrate('postgresql://me:secret@127.0.0.1:1/towpath', folder)
  await expect(failure).rejects.toThrow('The database towpath on 127.0.0.1:1 cannot be used: nothing answers there')
  await expect(failure).rejects.not.toThrow('secret')
  const absent = new URL(database.url)
  absent.pathname = '/absent'
  await expect(migrate(absent.href, folder)).rejects.toThrow('it has no database of that name')
})
