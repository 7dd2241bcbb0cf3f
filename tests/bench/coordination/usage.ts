import { readdirSync, readFileSync } from 'node:fs'

/** Of `/proc`: always 100 a second for programs. */
const ticksPerSecond = 100

/** What of a process's line in `stat` follows its name, which may hold anything. */
function stat(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2).split(' ')
}

/** CPU seconds that a process has used, and those of its children that have ended. */
export function cpuSeconds(pid: number): number {
  const fields = stat(pid)
  return [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0) / ticksPerSecond
}

/** The same of a process with all its children. */
export function treeCpuSeconds(pid: number): number {
  let sum = cpuSeconds(pid)
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      if (Number(stat(Number(name))[1]) === pid) sum += cpuSeconds(Number(name))
    } catch {
      // It ended meanwhile.
    }
  }
  return sum
}

/** Memory in use by a process (`VmRSS`), and the most that ever was (`VmHWM`); MiB. */
export function memory(pid: number): { readonly now: number; readonly most: number } {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8')
  const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]) / 1024
  return { now: field('VmRSS'), most: field('VmHWM') }
}
