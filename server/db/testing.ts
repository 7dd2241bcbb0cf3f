import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { isMainThread } from 'node:worker_threads'
import { afterAll, beforeAll } from 'vitest'
import { openDb, type Db } from './client.ts'
import { connect } from './connect.ts'
import { identify } from './process-identity.ts'

export interface TestDb {
  readonly db: Db
  readonly url: string
  /** Drops the database. */
  drop(): Promise<void>
}

const startMs = 60_000

/** The one server of this test run, started by whoever asks first. */
async function serverUrl(): Promise<string> {
  const run = identify(isMainThread ? process.ppid : process.pid)
  const folder = path.join(tmpdir(), `towpath-test-${run.pid}-${run.started}`)
  const [url, error] = [path.join(folder, 'url'), path.join(folder, 'error')]
  try {
    // Only one of those that ask at once makes the folder; the others wait for its answer.
    mkdirSync(folder, { mode: 0o700 })
    const args = ['--import', 'tsx', path.join(import.meta.dirname, 'testing-keeper.ts'), String(run.pid), folder]
    const { NODE_OPTIONS: _, VITEST: __, ...env } = process.env
    spawn(process.execPath, args, { cwd: path.resolve(import.meta.dirname, '../..'), env, detached: true, stdio: 'ignore' }).unref()
  } catch (fault) {
    if (!(fault instanceof Error && 'code' in fault && fault.code === 'EEXIST')) throw fault
  }
  const until = performance.now() + startMs
  while (!existsSync(url)) {
    if (existsSync(error)) throw new Error(`The test database: ${readFileSync(error, 'utf8')}`)
    if (performance.now() > until) throw new Error(`The test database did not start within ${startMs / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return readFileSync(url, 'utf8')
}

/** A database with all migrations and nothing in it, on the server of this test run; `template: 'template0'` for one without them. */
export async function createTestDb({ template = 'template_test' } = {}): Promise<TestDb> {
  const server = await serverUrl()
  const name = `test_${randomBytes(8).toString('hex')}`
  const admin = async (sql: string): Promise<void> => {
    const client = await connect(server)
    try {
      await client.query(sql)
    } finally {
      await client.end()
    }
  }
  await admin(`CREATE DATABASE ${name} TEMPLATE ${template}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  const db = openDb(url.href)
  return {
    db,
    url: url.href,
    async drop() {
      await db.$disconnect()
      await admin(`DROP DATABASE ${name} WITH (FORCE)`)
    },
  }
}

/**
 * For the top of a test file: one database for all its tests, dropped at the end. What it returns may be used inside tests and hooks,
 * not before.
 */
export function withTestDb(): { readonly db: Db; readonly url: string } {
  let opened: TestDb | undefined
  beforeAll(async () => {
    opened = await createTestDb()
  }, startMs)
  afterAll(() => opened?.drop())
  const now = (): TestDb => {
    if (!opened) throw new Error('withTestDb(): the database is there only inside tests and hooks')
    return opened
  }
  return {
    get db() {
      return now().db
    },
    get url() {
      return now().url
    },
  }
}
