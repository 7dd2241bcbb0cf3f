import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** A process, told apart from a later one that got the same number. */
export const processIdentitySchema = z.object({
  pid: z.number().int().positive(),
  /** Field 22 of /proc/PID/stat: the start in the kernel's ticks; empty where there is no such file. */
  started: z.string(),
})
export type ProcessIdentity = z.infer<typeof processIdentitySchema>

function startOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold anything; what follows its end is fields by number.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

/** True for a process that has ended but whose parent has not yet asked how. */
function isZombie(pid: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).startsWith('Z')
  } catch {
    return false
  }
}

export function identify(pid: number): ProcessIdentity {
  return { pid, started: startOf(pid) }
}

export function isAlive({ pid, started }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it lives, as another user's.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false
  }
  return (started === '' || startOf(pid) === started) && !isZombie(pid)
}

/** Asks until the process has ended; false: it still lives after `withinMs`. */
export async function ended(identity: ProcessIdentity, withinMs: number): Promise<boolean> {
  const until = performance.now() + withinMs
  while (isAlive(identity)) {
    if (performance.now() > until) return false
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  return true
}
