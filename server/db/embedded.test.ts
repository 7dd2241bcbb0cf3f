import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { connect } from './connect.ts'
import { runningUrl, startEmbedded } from './embedded.ts'
import { choosePostgresUser } from './postgres-user.ts'
import { ended, identify, isAlive } from './process-identity.ts'

// Whole servers are made and started here, beside whatever else the machine does.
vi.setConfig({ testTimeout: 90_000 })

let folder: string
const dataDir = (): string => path.join(folder, 'postgres')

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'towpath-embedded-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function query<Row extends object>(url: string, sql: string): Promise<Row[]> {
  const client = await connect(url)
  try {
    return (await client.query<Row>(sql)).rows
  } finally {
    await client.end()
  }
}

test('kill -9 in the middle of writing: what was acknowledged is there after the next start', async () => {
  const first = await startEmbedded({ dataDir: dataDir() })
  const url = first.url('postgres')
  await query(url, 'CREATE TABLE t (n int PRIMARY KEY)')
  const client = await connect(url)
  let acknowledged = 0
  const writing = (async () => {
    for (let n = 1; ; n++) {
      await client.query('INSERT INTO t VALUES ($1)', [n])
      acknowledged = n
      if (n === 50) process.kill(first.pid, 'SIGKILL')
    }
  })()
  await expect(writing).rejects.toThrow(/./)
  await first.exited
  await client.end()

  const second = await startEmbedded({ dataDir: dataDir() })
  try {
    expect(acknowledged).toBeGreaterThanOrEqual(50)
    const [row] = await query<{ n: number }>(second.url('postgres'), 'SELECT count(*)::int AS n FROM t')
    expect(row?.n).toBeGreaterThanOrEqual(acknowledged)
    expect(second.url('postgres')).toBe(url)
  } finally {
    await second.stop()
  }
  expect(runningUrl(dataDir(), 'postgres')).toBeUndefined()
})

test('a server that a killed run left is stopped before the next starts', async () => {
  const embedded = JSON.stringify(path.join(import.meta.dirname, 'embedded.ts'))
  const script = `const { startEmbedded } = await import(${embedded})
    console.log((await startEmbedded({ dataDir: ${JSON.stringify(dataDir())}, durable: false })).pid)
    setInterval(() => {}, 1000)`
  const owner = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { cwd: path.resolve(import.meta.dirname, '../..'), stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(owner.stdout, 'data')
  const orphan = identify(Number(String(line)))
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  expect(isAlive(orphan)).toBe(true)
  expect(runningUrl(dataDir(), 'x')).toContain('/x?host=')

  const server = await startEmbedded({ dataDir: dataDir(), durable: false })
  expect(await ended(orphan, 0)).toBe(true)
  expect(await query(server.url('postgres'), 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  await server.stop()
})

test('a number in its file that is now another process’s harms neither', async () => {
  const server = await startEmbedded({ dataDir: dataDir(), durable: false })
  process.kill(server.pid, 'SIGKILL')
  await server.exited
  const pidFile = path.join(dataDir(), 'postmaster.pid')
  writeFileSync(pidFile, readFileSync(pidFile, 'utf8').replace(/^\d+/, String(process.pid)))
  const again = await startEmbedded({ dataDir: dataDir(), durable: false })
  await again.stop()
  expect(isAlive(identify(process.pid))).toBe(true)
})

test('a first start that was killed half way leaves nothing in the way, nor does a deep folder', async () => {
  const deep = path.join(folder, 'a'.repeat(60), 'b'.repeat(60), 'postgres')
  mkdirSync(`${deep}.partial`, { recursive: true })
  writeFileSync(path.join(`${deep}.partial`, 'rest'), '')
  const server = await startEmbedded({ dataDir: deep, durable: false })
  expect(await query(server.url('postgres'), 'SHOW listen_addresses')).toEqual([{ listen_addresses: '' }])
  await server.stop()
  expect(existsSync(`${deep}.partial`)).toBe(false)
  writeFileSync(path.join(deep, 'PG_VERSION'), '17\n')
  await expect(startEmbedded({ dataDir: deep })).rejects.toThrow(`was made by PostgreSQL 17 and this version brings 18`)
})

describe.skipIf(process.getuid?.() !== 0)('as root', () => {
  const lesser = (native: string, dir: string) => choosePostgresUser(native, dir, { namespaces: () => false, base: path.join(folder, 'reach') })

  test('without namespaces and out of a lesser user’s reach, it runs from copies', async () => {
    // As a checkout below /root: nobody else may enter.
    const closed = path.join(folder, 'closed')
    mkdirSync(closed, { mode: 0o700 })
    chmodSync(folder, 0o755)
    const dir = path.join(closed, 'postgres')
    const inNamespace = await startEmbedded({ dataDir: dir, durable: false })
    await query(inNamespace.url('postgres'), 'CREATE TABLE kept (n int)')
    await inNamespace.stop()

    const server = await startEmbedded({ dataDir: dir, durable: false, chooseUser: lesser })
    expect(await query(server.url('postgres'), 'SELECT * FROM kept')).toEqual([])
    expect(statSync(`/proc/${server.pid}`).uid).not.toBe(0)
    await server.stop()
    expect(lstatSync(dir).isSymbolicLink()).toBe(true)
    expect(realpathSync(dir).startsWith(path.join(folder, 'reach'))).toBe(true)

    const again = await startEmbedded({ dataDir: dir, durable: false, chooseUser: lesser })
    expect(await query(again.url('postgres'), 'SELECT * FROM kept')).toEqual([])
    await again.stop()
    // And back: the same data, whoever may run it.
    const back = await startEmbedded({ dataDir: dir, durable: false })
    expect(await query(back.url('postgres'), 'SELECT * FROM kept')).toEqual([])
    await back.stop()
  })
})
