import { mkdirSync, renameSync, statSync } from 'node:fs'
import path from 'node:path'
import { root, run, type Program } from '../e2e/harness/program.ts'
import { mustExecute, script } from './execute.ts'
import type { Place } from './layout.ts'

const source = path.join(import.meta.dirname, 'delay-line.c')
const built = path.join(root, '.cache', 'netlab', 'delay-line')

const isCurrent = (): boolean => {
  const target = statSync(built, { throwIfNoEntry: false })
  return target !== undefined && target.mtimeMs >= statSync(source).mtimeMs
}

async function compile(): Promise<string> {
  if (isCurrent()) return built
  mkdirSync(path.dirname(built), { recursive: true })
  const partial = `${built}.${process.pid}`
  await mustExecute(['cc', '-O2', '-o', partial, source])
  renameSync(partial, built)
  return built
}

export interface Delay {
  /** In each direction, ms. */
  readonly delayMs?: number
  /** Up to so much more, ms; the order is kept. */
  readonly jitterMs?: number
  /** In each direction, of 100. */
  readonly lossPercent?: number
}

/** A cable's delay line, between its port and the bridge. Kernels without netem are common on small virtual machines, so that no lab uses it. */
export class DelayLine {
  #program: Program
  #rejoin: string

  private constructor(program: Program, rejoin: string) {
    this.#program = program
    this.#rejoin = rejoin
  }

  /** `device` is the TAP that stands for the port on the bridge from now on. */
  static async start(at: Place, { port, bridge }: { readonly port: string; readonly bridge: string }, device: string, { delayMs = 0, jitterMs = 0, lossPercent = 0 }: Delay): Promise<DelayLine> {
    const file = await compile()
    await script([`ip -n ${at.namespace} link set ${port} nomaster`])
    const numbers = [delayMs * 1000, jitterMs * 1000, lossPercent * 10_000].map((value) => String(Math.round(value)))
    const program = run('ip', ['netns', 'exec', at.namespace, file, port, device, ...numbers])
    await program.seen(/^ready$/m, 10_000)
    await script([`ip -n ${at.namespace} link set ${device} addrgenmode none master ${bridge} up`])
    return new DelayLine(program, `ip -n ${at.namespace} link set ${port} master ${bridge}`)
  }

  /** Ends it; the port is on the bridge again. */
  async stop(): Promise<void> {
    await this.#program.stop()
    await script([this.#rejoin])
  }
}
