import { linkSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const lockSchema = z.object({
  pid: z.number().int().positive(),
  /** The process's start as the kernel tells it: a number of the same pid may be another process. */
  started: z.string(),
  /** Where `/status` answers on loopback; 0 until it does. */
  statusPort: z.number().int(),
})
export type LockInfo = z.infer<typeof lockSchema>

/** Field 22 of /proc/<pid>/stat; empty where there is no such file system. */
function startOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

function isAlive({ pid, started }: LockInfo): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it lives, as another user's.
    if (!isCode(error, 'EPERM')) return false
  }
  return started === '' || startOf(pid) === started
}

/** Who uses the data folder now; undefined: nobody. */
export function lockHolder(folder: string): LockInfo | undefined {
  return holderIn(join(folder, 'agent.lock'))
}

function holderIn(path: string): LockInfo | undefined {
  try {
    const parsed = lockSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')))
    return parsed.success && isAlive(parsed.data) ? parsed.data : undefined
  } catch {
    return undefined
  }
}

export interface Lock {
  setStatusPort(port: number): void
  release(): void
}

/** A lock that nobody holds and that will not go away is given up after so many tries. */
const mostTurns = 100

function claim(own: string, path: string, folder: string): void {
  for (let attempt = 0; ; attempt++) {
    try {
      return linkSync(own, path)
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error
      const holder = holderIn(path)
      if (holder || attempt > mostTurns) {
        throw new Error(`${folder} is in use by another agent${holder ? ` (process ${holder.pid})` : ''}: stop it, or give --data another folder`)
      }
      removeDead(own, path)
    }
  }
}

/**
 * Takes away the lock of an agent that is gone. One agent at a time, which looks again in its turn: whoever saw the dead
 * lock and comes later finds the living one that a faster agent put there.
 */
function removeDead(own: string, path: string): void {
  const turn = `${path}.turn`
  try {
    linkSync(own, turn)
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
    if (holderIn(turn)) pause()
    else removeIfThere(turn)
    return
  }
  try {
    if (!holderIn(path)) removeIfThere(path)
  } finally {
    removeIfThere(turn)
  }
}

function removeIfThere(path: string): void {
  rmSync(path, { force: true })
}

/** A turn is two system calls long. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

/** Takes the data folder for this process. Throws with a person's text while another agent has it. */
export function takeLock(folder: string, write: (path: string, text: string) => void): Lock {
  const path = join(folder, 'agent.lock')
  const info: LockInfo = { pid: process.pid, started: startOf(process.pid), statusPort: 0 }
  // Written first and then given its name: whoever finds a lock finds all of it, so nobody takes a new one for a dead one.
  const own = join(folder, `agent.lock.${process.pid}`)
  writeFileSync(own, JSON.stringify(info), { mode: 0o600 })
  try {
    claim(own, path, folder)
  } finally {
    unlinkSync(own)
  }
  return {
    setStatusPort: (statusPort) => write(path, JSON.stringify({ ...info, statusPort })),
    release() {
      try {
        unlinkSync(path)
      } catch {
        // Removed by hand: nothing is held any more.
      }
    },
  }
}
