import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
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

function claim(own: string, path: string, folder: string): void {
  for (let attempt = 0; ; attempt++) {
    try {
      return linkSync(own, path)
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error
      const holder = holderIn(path)
      if (holder || attempt > 2) {
        throw new Error(`${folder} is in use by another agent${holder ? ` (process ${holder.pid})` : ''}: stop it, or give --data another folder`)
      }
      removeDead(path, `${own}.dead`)
    }
  }
}

/** Takes away the lock of an agent that is gone; one that a faster agent put there meanwhile is put back. */
function removeDead(path: string, aside: string): void {
  try {
    renameSync(path, aside)
    if (holderIn(aside)) linkSync(aside, path)
    unlinkSync(aside)
  } catch (error) {
    // Another agent was faster at the same.
    if (!isCode(error, 'ENOENT') && !isCode(error, 'EEXIST')) throw error
  }
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
