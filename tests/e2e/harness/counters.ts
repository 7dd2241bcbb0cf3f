import { TRPCClientError } from '@trpc/client'
import type { Person } from './person.ts'

/**
 * Looks, as pages do, at everything that only ever grows: the bytes of each session, in lists and live, and a relay's packets and drops. What
 * goes back is kept. Nothing answers while the control plane is away, which is no fault; an answer that something failed in it is.
 */
export class CounterWatch {
  /** Bounded: a few figures for each session of a test. */
  #seen = new Map<string, number>()
  /** Bounded: a test expects none. */
  readonly wentBack: string[] = []
  /** What it said of itself, such as `unavailable`. Bounded: by the kinds of errors that there are. */
  readonly failures = new Set<unknown>()
  looks = 0
  samples = 0
  #isOver = false
  #done: Promise<void>
  #stopLive: () => void

  constructor({ client }: Person, relayId: number) {
    this.#done = this.#poll(client, relayId)
    const live = client.live.samples.subscribe({ sessions: true }, {
      onData: ({ sessions }) => {
        this.samples++
        for (const { id, bytesFromA, bytesFromB } of sessions) {
          this.#take(`live ${id} A`, bytesFromA)
          this.#take(`live ${id} B`, bytesFromB)
        }
      },
    })
    this.#stopLive = () => live.unsubscribe()
  }

  async #poll(client: Person['client'], relayId: number): Promise<void> {
    while (!this.#isOver) {
      try {
        const [live, ended, relay] = await Promise.all([
          client.session.list.query({ state: 'live' }), client.session.list.query({ state: 'ended' }), client.relay.get.query({ id: relayId }),
        ])
        this.looks++
        for (const { id, bytesFromA, bytesFromB } of [...live.rows, ...ended.rows]) {
          this.#take(`session ${id} A`, bytesFromA)
          this.#take(`session ${id} B`, bytesFromB)
        }
        this.#take('packets of the relay', relay.packetsLastHour)
        this.#take('drops of the relay', relay.dropsLastHour)
      } catch (error) {
        if (error instanceof TRPCClientError && error.data) this.failures.add(error.data.reason)
      }
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }

  #take(name: string, value: number): void {
    const before = this.#seen.get(name) ?? 0
    if (value < before) this.wentBack.push(`${name}: ${before}, then ${value}`)
    this.#seen.set(name, value)
  }

  async stop(): Promise<void> {
    this.#isOver = true
    this.#stopLive()
    await this.#done
  }
}
