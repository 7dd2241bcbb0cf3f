import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDb } from '../../server/db/client.ts'
import { connect } from '../../server/db/connect.ts'
import { startEmbedded, type EmbeddedPostgres } from '../../server/db/embedded.ts'
import { migrate } from '../../server/db/migrate.ts'
import { takeOwnerLock } from '../../server/db/owner-lock.ts'
import { hashSecret } from '../../server/db/secrets.ts'
import { openInstallation } from './installation.ts'

const root = path.resolve(import.meta.dirname, '../..')
const data = mkdtempSync(path.join(tmpdir(), 'towpath-owner-link-'))

interface Run { readonly status: number | null; readonly out: string; readonly err: string }
function run(...args: readonly string[]): Promise<Run> {
  const { DATABASE_URL: _, TOWPATH_DATA: __, TOWPATH_PUBLIC_URL: ___, NODE_OPTIONS: ____, ...env } = process.env
  const child = spawn(process.execPath, ['--import', 'tsx', path.join(root, 'tools/owner-link/main.ts'), ...args], { cwd: root, env })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => { out += text })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { err += text })
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, out, err })))
}

async function withServer<T>(work: (server: EmbeddedPostgres) => Promise<T>): Promise<T> {
  const lock = takeOwnerLock(data)
  const server = await startEmbedded({ dataDir: path.join(data, 'postgres'), durable: false })
  try {
    return await work(server)
  } finally {
    await server.stop()
    lock.release()
  }
}

beforeAll(() => withServer(async (server) => {
  const client = await connect(server.url('postgres'))
  await client.query('CREATE DATABASE towpath').finally(() => client.end())
}))
afterAll(() => rmSync(data, { recursive: true, force: true }))

test('a folder without an installation, or a database before its first start: one line says what to do', async () => {
  const empty = mkdtempSync(path.join(tmpdir(), 'towpath-empty-'))
  try {
    expect(await run('--data', empty)).toEqual({ status: 1, out: '', err: expect.stringMatching(/^There is no installation in .*--data.*\n$/) })
  } finally {
    rmSync(empty, { recursive: true })
  }
  expect(await run('--data', data)).toEqual({ status: 1, out: '', err: expect.stringMatching(/^This database has no tables yet: run npm start.*\n$/) })
  expect(await run('--nonsense')).toEqual({ status: 1, out: '', err: expect.stringMatching(/^Usage: npm run owner-link.*\n$/) })
}, 60_000)

// Only root can become another user here.
test.skipIf(process.getuid?.() !== 0)('another user’s installation is said to be that, not absent', async () => {
  const variables = { TOWPATH_DATA: data }
  process.seteuid?.(65_534)
  try {
    await expect(openInstallation(variables)).rejects.toThrow(/^The installation in .* belongs to another user: run this as the user that runs npm start$/)
  } finally {
    process.seteuid?.(0)
  }
})

test('a stopped installation and a running one both give a link that works', async () => {
  await withServer((server) => migrate(server.url('towpath'), path.join(root, 'prisma/migrations')))
  writeFileSync(path.join(data, 'server.json'), JSON.stringify({ url: 'http://127.0.0.1:3000', publicUrl: 'https://relay.example', pid: 1 }))
  const stopped = await run('--data', data)
  expect(stopped).toMatchObject({ status: 0, err: '' })
  expect(stopped.out).toContain('makes the owner account')
  expect(stopped.out).toContain('not running')

  const { running, hashes } = await withServer(async (server) => {
    const db = openDb(server.url('towpath'))
    try {
      await db.user.create({ data: { name: 'Ann', email: 'ann@example.com', role: 'owner' } })
      const result = await run('--data', data, '--public-url', 'http://192.0.2.1:3000')
      return { running: result, hashes: (await db.oneTimeLink.findMany({ where: { purpose: 'owner', usedAt: null } })).map(({ hash }) => hash) }
    } finally {
      await db.$disconnect()
    }
  })
  expect(running).toMatchObject({ status: 0, err: '' })
  expect(running.out).toContain('gives the owner a new password')
  expect(running.out).not.toContain('not running')
  const tokens = [/^https:\/\/relay\.example\/welcome\?token=([\w-]{43})$/m.exec(stopped.out), /^http:\/\/192\.0\.2\.1:3000\/welcome\?token=([\w-]{43})$/m.exec(running.out)]
  expect(tokens.map((match) => hashSecret(match?.[1] ?? '')).sort()).toEqual(hashes.sort())
}, 60_000)
