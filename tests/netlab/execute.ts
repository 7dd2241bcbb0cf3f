import { spawn } from 'node:child_process'

export interface Executed {
  /** Null: ended by a signal, or over its time. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface ExecuteOptions {
  readonly input?: string
  /** SIGKILL after this; 30 s unless told. */
  readonly timeoutMs?: number
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** Runs a command to its end. Rejects only when it cannot be started. */
export function execute(argv: readonly string[], { input = '', timeoutMs = 30_000, env = {} }: ExecuteOptions = {}): Promise<Executed> {
  const [command = '', ...args] = argv
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'], timeout: timeoutMs, killSignal: 'SIGKILL' })
    let [stdout, stderr] = ['', '']
    child.stdout.setEncoding('utf8').on('data', (text: string) => { stdout += text })
    child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text })
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
    // One that ends without reading its input is no fault of ours.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })
}

/** Runs a command that must succeed. Returns its standard output; throws with what it said. */
export async function mustExecute(argv: readonly string[], options: ExecuteOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await execute(argv, options)
  if (code === 0) return stdout
  throw new Error(`${argv.join(' ')}: ${code === null ? 'killed' : `exit code ${code}`}\n${options.input ?? ''}\n${stderr}${stdout}`.trim())
}

/** Runs lines of shell, ending at the first that fails. Names in them are the lab's own, made of letters, digits and dashes. */
export function script(lines: readonly string[]): Promise<string> {
  return mustExecute(['sh', '-e'], { input: lines.join('\n') })
}
