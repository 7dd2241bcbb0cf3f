import { createServer } from 'node:net'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { run, type Program } from './harness/program.ts'
import { newInstallation, type Installation } from './harness/towpath.ts'
import { waitFor } from './harness/wait.ts'

function start(...args: readonly (string | number)[]): Program {
  return run(process.execPath, ['tools/bootstrap.mjs', 'start', ...args.map(String)])
}

/** The lines of a start that gave up: what npm start said before it (building, starting) does not count. */
async function refusal(program: Program): Promise<{ code: number | null; lines: string[] }> {
  const code = await program.exited
  return { code, lines: program.output().trim().split('\n').filter((line) => !line.endsWith('…')) }
}

describe('a start that cannot be', () => {
  const data = mkdtempSync(path.join(tmpdir(), 'towpath-start-'))
  afterAll(() => rmSync(data, { recursive: true, force: true }))

  test('a port in use', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    try {
      expect(await refusal(start('--bind', '127.0.0.1', '--port', port, '--data', data))).toEqual({
        code: 1, lines: [`Port ${port} TCP is in use by another program: stop it, or give --port another port`],
      })
    } finally {
      await new Promise((resolve) => server.close(resolve))
    }
  })

  test('a data folder that cannot be written', async () => {
    // Permissions do not hold root back, but a file in the way does.
    const file = path.join(data, 'a-file')
    writeFileSync(file, '')
    const folder = path.join(file, 'data')
    expect(await refusal(start('--data', folder))).toEqual({
      code: 1, lines: [`Cannot write in ${folder} (ENOTDIR): give --data a folder that this user may write`],
    })
  })

  test('a database that is down', async () => {
    const installation = await newInstallation()
    const program = run(process.execPath, ['tools/bootstrap.mjs', 'start', ...installation.args], { DATABASE_URL: 'postgresql://me:secret@127.0.0.1:1/towpath' })
    expect(await refusal(program)).toEqual({
      code: 1, lines: ['The database towpath on 127.0.0.1:1 cannot be used: nothing answers there: start the server, or correct DATABASE_URL'],
    })
    installation.remove()
  })

  test.each([
    [['--prot', '1'], /^Unknown option '--prot': npm start -- --help/],
    [['--port', 'x'], /^--port \(or TOWPATH_PORT\) must be a port from 1 to 65535, not "x"$/],
  ])('%j', async (args, message) => {
    const { code, lines } = await refusal(start(...args))
    expect({ code, lines }).toEqual({ code: 1, lines: [expect.stringMatching(message)] })
  })
})

const processesSchema = z.array(z.object({ pid: z.number() }))
const serverSchema = z.object({ pid: z.number() })

describe('a start that works', () => {
  let installation: Installation
  let program: Program
  const health = async (): Promise<true | undefined> => {
    const response = await fetch(`${installation.url}/healthz`).catch(() => undefined)
    return response?.ok === true ? true : undefined
  }
  const pids = () => processesSchema.parse(JSON.parse(readFileSync(path.join(installation.data, 'processes.json'), 'utf8'))).map(({ pid }) => pid)
  const serverPid = () => serverSchema.parse(JSON.parse(readFileSync(path.join(installation.data, 'server.json'), 'utf8'))).pid
  const databasePid = () => Number(readFileSync(path.join(installation.data, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0])
  const isGone = (pid: number): true | undefined => {
    try {
      process.kill(pid, 0)
      return undefined
    } catch {
      return true
    }
  }

  beforeAll(async () => {
    installation = await newInstallation()
    program = await installation.start()
  })
  afterAll(async () => {
    await program?.stop()
    installation?.remove()
  })

  test('says where all is, and nothing else may use its data', async () => {
    expect(program.output()).toContain(installation.url)
    expect(installation.ownerLink()).toMatch(/\/welcome\?token=/)
    expect(await health()).toBe(true)
    const { code, lines } = await refusal(start('--data', installation.data))
    expect(code).toBe(1)
    expect(lines).toEqual([expect.stringMatching(/is in use by another Towpath \(process \d+\): stop it, or give --data another folder$/)])
  })

  test.each([['the database', databasePid], ['the control plane', serverPid]])('kill -9 of %s: it comes back by itself', async (_name, pid) => {
    const killed = pid()
    process.kill(killed, 'SIGKILL')
    await waitFor('another process in its place', () => (isGone(killed) && pid() !== killed ? true : undefined), 20_000)
    expect(await waitFor('health', health, 20_000)).toBe(true)
  })

  test('kill -9 of npm start itself: its programs end, and the next start works', async () => {
    const children = pids()
    process.kill(program.pid, 'SIGKILL')
    await program.exited
    await waitFor('the control plane to end', () => isGone(serverPid()), 15_000)
    program = await installation.start()
    expect(await health()).toBe(true)
    for (const pid of children) await waitFor(`process ${pid} to end`, () => isGone(pid), 10_000)
  })

  test('SIGTERM ends all within seconds, with exit code 0', async () => {
    const children = pids()
    expect(await program.stop()).toBe(0)
    for (const pid of children) expect(isGone(pid)).toBe(true)
  })
})

describe('two installations at once, from one checkout', () => {
  const installations: Installation[] = []
  const programs: Program[] = []
  afterAll(async () => {
    await Promise.all(programs.map((program) => program.stop()))
    for (const installation of installations) installation.remove()
  })
  const isHealthy = async ({ url }: Installation): Promise<boolean> => (await fetch(`${url}/healthz`).catch(() => undefined))?.ok === true
  /** The database's, the control plane's and the agent's process of an installation. */
  const ids = ({ data }: Installation) => processesSchema.parse(JSON.parse(readFileSync(path.join(data, 'processes.json'), 'utf8'))).map(({ pid }) => pid)

  test('start together, the second without a HOME, and neither minds the other’s end', async () => {
    installations.push(await newInstallation(), await newInstallation())
    const [one, other] = installations
    if (!one || !other) throw new Error('no installations')
    // What people type at the same time in two terminals: the build and its files are shared.
    const starting = await Promise.allSettled([one.start(), other.start({ HOME: '' })])
    for (const start of starting) if (start.status === 'fulfilled') programs.push(start.value)
    expect(starting.map((start) => (start.status === 'rejected' ? String(start.reason) : 'ready'))).toEqual(['ready', 'ready'])
    expect(await Promise.all([isHealthy(one), isHealthy(other)])).toEqual([true, true])
    expect(one.ownerLink()).not.toBe(other.ownerLink())
    expect(ids(one)).toHaveLength(3)
    expect(new Set([...ids(one), ...ids(other)]).size).toBe(6)
    expect(await programs[0]?.stop()).toBe(0)
    expect(await Promise.all([isHealthy(one), isHealthy(other)])).toEqual([false, true])
  })

  // As a checkout below /root: nobody else may enter, and PostgreSQL will not run as root.
  test.runIf(process.getuid?.() === 0)('as root in a folder that nobody else may enter', () => {
    const [, other] = installations
    if (!other) throw new Error('no installations')
    expect(statSync(other.data).mode & 0o077).toBe(0)
    const postmaster = readFileSync(path.join(other.data, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]
    expect(postmaster).toMatch(/^\d+$/)
    expect(readFileSync(path.join(other.data, 'logs', 'database.log'), 'utf8')).toContain('ready to accept connections')
  })
})
