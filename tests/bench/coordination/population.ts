import { SimulatedClient, type ClientOptions } from './simulated-client.ts'
import type { Message } from './frames.ts'

/** Clients of one source address: below what the server takes from one that it does not know yet. */
const perAddress = 40
/** That join at the same time, as machines do that a tool installs: each says what it has to say when the last was answered. */
const atOnce = 200

/** What each client was told since a mark. */
export interface Heard {
  messages: number
  bytes: number
  jsonBytes: number
}

interface Wait {
  readonly isTold: (client: SimulatedClient, message: Message | undefined) => boolean
  readonly left: Set<SimulatedClient>
  readonly times: number[]
  readonly done: () => void
}

type Common = Pick<ClientOptions, 'url' | 'serverKey' | 'authKey' | 'derpRegion'>

/** Many clients in this process. */
export class Population {
  readonly #common: Common
  /** Bounded: those that were asked for. */
  readonly clients: SimulatedClient[] = []
  /** Of each client since `mark`. Bounded as above. */
  readonly #heard = new Map<SimulatedClient, Heard>()
  #wait: Wait | undefined
  #lastAt = performance.now()
  #made = 0

  constructor(common: Common) {
    this.#common = common
  }

  /** So many more join, many at once. */
  async grow(count: number, onJoined: (joined: number) => void): Promise<void> {
    const waiting = Array.from({ length: count }, () => this.make())
    let joined = 0
    const one = async (): Promise<void> => {
      for (let client = waiting.pop(); client !== undefined; client = waiting.pop()) {
        await client.join()
        onJoined(++joined)
      }
    }
    await Promise.all(Array.from({ length: atOnce }, one))
  }

  /** Another client, which has not joined yet. */
  make(): SimulatedClient {
    const number = this.#made++
    const address = Math.floor(number / perAddress)
    const client = new SimulatedClient({
      ...this.#common, name: `bench-${number}`,
      localAddress: `127.0.${1 + Math.floor(address / 250)}.${1 + address % 250}`,
      endpoint: `198.51.${100 + Math.floor(number / 60_000)}.${1 + number % 250}:${1024 + Math.floor(number / 250)}`,
      onMessage: (from, message) => this.#take(from, message),
    })
    this.clients.push(client)
    return client
  }

  async remove(client: SimulatedClient): Promise<void> {
    this.clients.splice(this.clients.indexOf(client), 1)
    await client.leave()
  }

  /** From now on it is counted what each is told. */
  mark(): void {
    this.#heard.clear()
  }

  heardBy(client: SimulatedClient): Heard {
    return this.#heard.get(client) ?? { messages: 0, bytes: 0, jsonBytes: 0 }
  }

  /** When each client's answer came, in the order in which they did; `isTold` is asked with each message, and at once without one. */
  async told(what: string, isTold: Wait['isTold'], withinMs: number): Promise<number[]> {
    const left = new Set(this.clients.filter((client) => !isTold(client, undefined)))
    const times: number[] = []
    if (left.size === 0) return times
    let late: NodeJS.Timeout | undefined
    await new Promise<void>((done, fail) => {
      this.#wait = { isTold, left, times, done }
      late = setTimeout(() => fail(new Error(`${what}: ${left.size} of ${this.clients.length} clients were not told within ${withinMs / 1000} s`)), withinMs)
    })
    clearTimeout(late)
    this.#wait = undefined
    return times
  }

  /** Resolves when nobody was told anything for so long. */
  async quiet(forMs: number, withinMs: number): Promise<void> {
    const until = performance.now() + withinMs
    for (;;) {
      const now = performance.now()
      if (now - this.#lastAt >= forMs) return
      if (now > until) throw new Error(`it does not become quiet for ${forMs} ms within ${withinMs / 1000} s`)
      await new Promise((resolve) => { setTimeout(resolve, this.#lastAt + forMs - now) })
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.clients.map((client) => client.close()))
  }

  #take(from: SimulatedClient, message: Message): void {
    const now = performance.now()
    if (message.said.KeepAlive) return
    this.#lastAt = now
    const heard = this.heardBy(from)
    heard.messages++
    heard.bytes += message.bytes
    heard.jsonBytes += message.jsonBytes
    this.#heard.set(from, heard)
    const wait = this.#wait
    if (wait === undefined || !wait.left.has(from) || !wait.isTold(from, message)) return
    wait.left.delete(from)
    wait.times.push(now)
    if (wait.left.size === 0) wait.done()
  }
}
