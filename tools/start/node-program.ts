import { spawn } from 'node:child_process'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { progressSchema, readinessSchema, type Readiness } from '../../server/readiness.ts'
import { StartError } from '../../server/errors/index.ts'
import type { Variables } from '../../server/env.ts'
import type { Run } from './keep-running.ts'
import { lines, worthShowing, type LogFile } from './log-file.ts'

export interface NodeProgram {
  readonly file: string
  readonly args: readonly string[]
  readonly variables: Variables
  readonly cwd: string
  readonly log: LogFile
  /** Warnings and errors of the program, and what takes it long, a line each. */
  readonly show: (line: string) => void
  /** Longest that a polite end may take, ms. */
  readonly stopMs: number
}

const guard = pathToFileURL(path.join(import.meta.dirname, 'guard.mjs')).href

/** A program of ours that runs, and what it says of its readiness. */
export interface StartedProgram extends Run {
  /** Rejects when it ends before it says so. */
  readonly readiness: Promise<Readiness>
}

/**
 * Starts a bundled program as a process of its own. It gets a session of its own, so that Ctrl-C reaches only npm start,
 * which ends its programs in order.
 */
export function startNode({ file, args, variables, cwd, log, show, stopMs }: NodeProgram): StartedProgram {
  const child = spawn(process.execPath, ['--enable-source-maps', '--import', guard, file, ...args], {
    cwd,
    env: { ...variables, NODE_ENV: 'production' },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  // What a library greets with is for the log alone; our programs speak on standard error.
  child.stdout?.setEncoding('utf8').on('data', lines((line) => log.write(`${line}\n`)))
  child.stderr?.setEncoding('utf8').on('data', lines((line) => {
    log.write(`${line}\n`)
    const text = worthShowing(line)
    if (text !== undefined) show(text)
  }))
  const exited = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, signal) => resolve(signal ? `signal ${signal}` : `exit code ${code}`))
  })
  const readiness = new Promise<Readiness>((resolve, reject) => {
    child.on('message', (message) => {
      const parsed = readinessSchema.safeParse(message)
      if (parsed.success) resolve(parsed.data)
      const progress = progressSchema.safeParse(message)
      if (progress.success) show(progress.data.text)
    })
    void exited.then((why) => reject(new StartError(`it ended before it was ready (${why})`)))
  })
  // Not everybody waits for it.
  readiness.catch(() => {})
  return {
    pid: child.pid ?? -1,
    exited,
    readiness,
    async stop() {
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), stopMs)
      await exited
      clearTimeout(late)
    },
  }
}
