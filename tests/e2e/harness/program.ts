import { spawn, type ChildProcess } from 'node:child_process'
import path from 'node:path'
import { waitFor } from './wait.ts'

export const root = path.resolve(import.meta.dirname, '../../..')

/** A program of the project as a child, with all that it printed. */
export interface Program {
  readonly child: ChildProcess
  readonly pid: number
  /** Both streams, in the order of arrival; bounded to the last megabyte. */
  output(): string
  /** Waits for a match in the output. */
  seen(pattern: RegExp, withinMs: number): Promise<RegExpExecArray>
  /** SIGTERM, and SIGKILL after ten seconds. Resolves with the exit code; null: it had to be killed. */
  stop(): Promise<number | null>
  exited: Promise<number | null>
}

const maxOutput = 1 << 20

export function run(command: string, args: readonly string[], env: Readonly<Record<string, string | undefined>> = {}): Program {
  const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (chunk: string) => {
      text = (text + chunk).slice(-maxOutput)
    })
  }
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', (code) => resolve(code))
    child.once('error', (error) => {
      text += String(error)
      resolve(null)
    })
  })
  return {
    child,
    pid: child.pid ?? -1,
    output: () => text,
    seen: (pattern, withinMs) => waitFor(`${command} ${args.join(' ')} to print ${pattern}; it printed:\n${text.slice(-4000)}`, () => {
      const match = pattern.exec(text)
      if (match) return match
      if (child.exitCode !== null) throw new Error(`${command} ${args.join(' ')} ended with ${child.exitCode}:\n${text.slice(-4000)}`)
      return undefined
    }, withinMs),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      const last = setTimeout(() => child.kill('SIGKILL'), 10_000)
      const code = await exited
      clearTimeout(last)
      return code
    },
    exited,
  }
}
