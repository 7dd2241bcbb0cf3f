import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs'
import { z } from 'zod'

const maxBytes = 10 * 1024 * 1024

/** Appends to a file; at 10 MB it becomes FILE.1, in the place of the one before. A disk that is full costs lines, nothing else. */
export class LogFile {
  #path: string
  #file: number
  #bytes: number

  constructor(path: string) {
    this.#path = path
    this.#file = openSync(path, 'a', 0o600)
    this.#bytes = fstatSync(this.#file).size
  }

  write(text: string): void {
    try {
      if (this.#bytes >= maxBytes) this.#turn()
      this.#bytes += writeSync(this.#file, text)
    } catch {
      // Nobody could be told: the log is the place for it.
    }
  }

  close(): void {
    closeSync(this.#file)
  }

  #turn(): void {
    closeSync(this.#file)
    renameSync(this.#path, `${this.#path}.1`)
    this.#file = openSync(this.#path, 'a', 0o600)
    this.#bytes = 0
  }
}

const warnLevel = 40
const lineSchema = z.object({ level: z.number(), msg: z.string(), err: z.object({ message: z.string() }).optional() })

/** What of a program's line belongs on the operator's screen: warnings and errors, and all that is no structured line; undefined: nothing. */
export function worthShowing(line: string): string | undefined {
  if (line.trim() === '') return undefined
  if (!line.startsWith('{')) return line
  try {
    const { level, msg, err } = lineSchema.parse(JSON.parse(line))
    if (level < warnLevel) return undefined
    return err ? `${msg}: ${err.message}` : msg
  } catch {
    return line
  }
}

const repeatMs = 60_000
const maxRemembered = 100

/** Passes a line on unless the same was passed on within a minute. */
export function withoutRepeats(show: (line: string) => void, now: () => number = () => performance.now()): (line: string) => void {
  /** Bounded: `maxRemembered`, the oldest goes first. */
  const shown = new Map<string, number>()
  return (line) => {
    const before = shown.get(line)
    if (before !== undefined && now() - before < repeatMs) return
    shown.delete(line)
    shown.set(line, now())
    const [oldest] = shown.keys()
    if (shown.size > maxRemembered && oldest !== undefined) shown.delete(oldest)
    show(line)
  }
}

/** Cuts a stream of text into lines; the last, unfinished one waits. Bounded: a line of 64 KiB is given out as it is. */
export function lines(take: (line: string) => void): (chunk: string) => void {
  let rest = ''
  return (chunk) => {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) take(part)
    if (rest.length > 65_536) {
      take(rest)
      rest = ''
    }
  }
}
