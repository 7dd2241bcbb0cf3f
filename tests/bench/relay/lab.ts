import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { bundleAgent } from '../../../agent/bundle.ts'
import { CannotBench } from '../bench.ts'
import { compile } from './compile.ts'
import { generatorWords, readOutcome, type Load, type Outcome } from './generator.ts'
import { Namespaces } from './namespaces.ts'
import { ports, type Link, type RelayName } from './plan.ts'
import { collectorPauses, type Pause } from './soak.ts'
import { cpus, dataOf, startSubject, statusOf } from './subjects.ts'

/** Percent of a CPU that other work may take before a measurement is made again. */
const mostOthers = 15
/** So often in all: a busy machine must not make the bench endless. */
const mostAgain = 12

export interface LabOptions {
  readonly sessions: number
  readonly against: string | undefined
  /** Whether the agents tell what their collector does. */
  readonly tracesCollector: boolean
  readonly say: (line: string) => void
}

/** Two namespaces, the relays in one and the load generator in the other. */
export class Lab {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'towpath-bench-'))
  readonly #options: LabOptions
  /** Bounded: the relays by name. */
  readonly #pids = new Map<RelayName, number>()
  #spaces: Namespaces | undefined
  #generator = ''
  #bundle = ''
  #again = 0

  get #collectorLog(): string {
    return path.join(this.#folder, 'collector.log')
  }

  constructor(options: LabOptions) {
    this.#options = options
  }

  async open(): Promise<void> {
    if (availableParallelism() < 2) throw new CannotBench('This bench needs two CPUs, one for the relay and one for the load')
    this.#spaces = new Namespaces()
    this.#generator = compile(this.#folder, 'gen')
    this.#bundle = (await bundleAgent(path.join(this.#folder, 'agent.mjs'))).path
    this.setLink('plain')
  }

  setLink(link: Link): void {
    this.#opened().setLink(link)
  }

  /** The relay's process, started if it is not yet. */
  async pid(name: RelayName): Promise<number> {
    const started = this.#pids.get(name)
    if (started !== undefined) return started
    const { sessions, against, tracesCollector } = this.#options
    const collectorLog = tracesCollector ? this.#collectorLog : undefined
    const pid = await startSubject(name, { folder: this.#folder, bundle: this.#bundle, spaces: this.#opened(), sessions, against, collectorLog })
    this.#pids.set(name, pid)
    return pid
  }

  /** One measurement; the least disturbed of several where other work took much of a CPU. */
  async measure(name: RelayName, load: Load): Promise<Outcome> {
    let best = await this.run(name, load)
    while (best.cpu.others > mostOthers && this.#again < mostAgain) {
      this.#again++
      const next = await this.run(name, load)
      if (next.cpu.others < best.cpu.others) best = next
    }
    return best
  }

  async run(name: RelayName, load: Load): Promise<Outcome> {
    const spaces = this.#opened()
    const words = generatorWords(load, ports[name], await this.pid(name))
    return readOutcome(await spaces.run(spaces.client, this.#generator, words, cpus.generator))
  }

  /** Sessions that an agent has open. */
  async openSessions(name: RelayName): Promise<number> {
    const spaces = this.#opened()
    return (await statusOf(spaces, this.#bundle, dataOf(this.#folder, name))).sessions.length
  }

  /** What the collector of each thread did so far. */
  collectorPauses(): Pause[] {
    return collectorPauses(readFileSync(this.#collectorLog, 'utf8'))
  }

  async close(): Promise<void> {
    if (this.#again > 0) this.#options.say(`${this.#again} measurements were made again, as other work took more than ${mostOthers} % of a CPU`)
    await this.#spaces?.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #opened(): Namespaces {
    if (!this.#spaces) throw new Error('not open')
    return this.#spaces
  }
}
