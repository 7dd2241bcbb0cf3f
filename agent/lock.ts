import { closeSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
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
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  return started === '' || startOf(pid) === started
}

/** Who uses the data folder now; undefined: nobody. */
export function lockHolder(folder: string): LockInfo | undefined {
  try {
    const parsed = lockSchema.safeParse(JSON.parse(readFileSync(join(folder, 'agent.lock'), 'utf8')))
    return parsed.success && isAlive(parsed.data) ? parsed.data : undefined
  } catch {
    return undefined
  }
}

export interface Lock {
  setStatusPort(port: number): void
  release(): void
}

/** Takes the data folder for this process. Throws with a person's text while another agent has it. */
export function takeLock(folder: string, write: (path: string, text: string) => void): Lock {
  const path = join(folder, 'agent.lock')
  const info: LockInfo = { pid: process.pid, started: startOf(process.pid), statusPort: 0 }
  for (let attempt = 0; ; attempt++) {
    try {
      const file = openSync(path, 'wx', 0o600)
      writeSync(file, JSON.stringify(info))
      closeSync(file)
      break
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
      const holder = lockHolder(folder)
      if (holder || attempt > 2) {
        throw new Error(`${folder} is in use by another agent${holder ? ` (process ${holder.pid})` : ''}: stop it, or give --data another folder`)
      }
      unlinkSync(path)
    }
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
