import { existsSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { StartError } from '../errors/index.ts'
import { ended, identify, isAlive } from './process-identity.ts'
import { socketUrl } from './socket.ts'

/** Longest that a fast shutdown may take, ms: it writes all that is in memory. */
export const stopMs = 20_000

/** A killed run leaves its server running: it is stopped before ours starts, as two never share a directory. */
export async function stopOrphan(dataDir: string): Promise<void> {
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

/** Where the embedded server of a data directory listens now, from the file that it keeps; undefined: it does not run. */
export function runningUrl(dataDir: string, database: string): string | undefined {
  try {
    const [pid, , , port, socketFolder] = readFileSync(path.join(dataDir, 'postmaster.pid'), 'utf8').split('\n')
    if (!socketFolder || !isAlive(identify(Number(pid)))) return undefined
    return socketUrl(socketFolder, Number(port), database)
  } catch {
    return undefined
  }
}
