import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { CannotBench } from '../bench.ts'
import type { Link } from './plan.ts'

export const clientIp = '10.77.0.1'
export const relayIp = '10.77.0.2'

/** Two network namespaces joined by a veth pair, of this process alone. */
export class Namespaces {
  readonly client = `towpath-${process.pid}-c`
  readonly relay = `towpath-${process.pid}-r`
  /** Bounded: the few programs of one bench. */
  readonly #children = new Set<ChildProcess>()

  constructor() {
    if (process.getuid?.() !== 0) throw new CannotBench('This bench makes network namespaces: run it as root')
    try {
      for (const name of [this.client, this.relay]) ip('netns', 'add', name)
      ip('link', 'add', 'c0', 'netns', this.client, 'type', 'veth', 'peer', 'name', 'r0', 'netns', this.relay)
      for (const [name, device, address] of [[this.client, 'c0', clientIp], [this.relay, 'r0', relayIp]] as const) {
        ip('-n', name, 'addr', 'add', `${address}/24`, 'dev', device)
        ip('-n', name, 'link', 'set', 'lo', 'up')
        ip('-n', name, 'link', 'set', device, 'up')
      }
    } catch (error) {
      this.#remove()
      throw new CannotBench(`This bench needs network namespaces and the "ip" command of iproute2: ${String(error).split('\n')[0]}`)
    }
  }

  /** Has both ends of the cable do as a link does; a segmented send goes over it as single datagrams in any case. */
  setLink(link: Link): void {
    const features = link === 'plain' ? ['tso', 'on', 'gro', 'off'] : ['gro', 'on', 'tso', 'off']
    for (const [name, device] of [[this.client, 'c0'], [this.relay, 'r0']] as const) {
      try {
        ip('netns', 'exec', name, 'ethtool', '-K', device, ...features, 'tx-udp-segmentation', 'off')
      } catch (error) {
        throw new CannotBench(`This bench sets what the link merges with "ethtool": install it (on Debian: apt install ethtool). ${String(error).split('\n')[0]}`)
      }
    }
  }

  /**
   * Starts a program in a namespace; it ends with `close` at the latest. `cpu`: the only one that it runs on. Relay and
   * generator each need their own, or the scheduler lets both take turns on one and neither is ever busy.
   */
  start(namespace: string, file: string, words: readonly string[], cpu?: number, environment?: Readonly<Record<string, string>>): ChildProcess {
    const pinned = cpu === undefined ? [] : ['taskset', '-c', String(cpu)]
    const child = spawn('ip', ['netns', 'exec', namespace, ...pinned, file, ...words], { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...environment } })
    this.#children.add(child)
    child.once('close', () => this.#children.delete(child))
    return child
  }

  /** Runs a program to its end; what it printed. Throws when it fails. */
  async run(namespace: string, file: string, words: readonly string[], cpu?: number): Promise<string> {
    const child = this.start(namespace, file, words, cpu)
    let output = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => { output += text })
    const code = await new Promise<number | null>((resolve) => {
      child.once('close', resolve)
    })
    if (code !== 0) throw new Error(`${file} ended with ${code}: ${output}`)
    return output
  }

  async close(): Promise<void> {
    await Promise.all([...this.#children].map((child) => new Promise<void>((resolve) => {
      child.once('close', () => resolve())
      child.kill('SIGKILL')
    })))
    this.#remove()
  }

  #remove(): void {
    for (const name of [this.client, this.relay]) {
      try {
        ip('netns', 'del', name)
      } catch {
        // It was never made.
      }
    }
  }
}

function ip(...words: string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] })
}
