import { waitFor } from '../../e2e/harness/wait.ts'
import { pathOf, startFlow, type Flow, type StockClient, type Via } from '../../interop/harness/index.ts'
import type { Lab } from '../../netlab/index.ts'

/** Two clients and what runs between them. */
export class Pair {
  readonly a: StockClient
  readonly b: StockClient
  readonly #lab: Lab

  constructor(lab: Lab, a: StockClient, b: StockClient) {
    this.#lab = lab
    this.a = a
    this.b = b
  }

  /** A running TCP connection, 50 messages a second and as many answers. */
  async flow(): Promise<Flow> {
    return startFlow(this.#lab, { from: this.a.site, to: this.b.site, address: await this.b.address(), everyMs: 20 })
  }

  /** Both ends' paths: `derp`, `direct`, or the relay's `ADDRESS:PORT`. */
  async paths(): Promise<readonly string[]> {
    return Promise.all([[this.a, this.b], [this.b, this.a]].map(async ([from, to]) => {
      const peer = await from?.peer(to?.name ?? '')
      const via: Via | undefined = pathOf(peer)
      return via === 'peer-relay' ? (peer?.PeerRelay ?? '').replace(/:vni:\d+$/, '') : via ?? 'none'
    }))
  }

  /** Waits until both send that way, which needs traffic between the two; how long that took, ms. */
  async until(path: string, withinMs: number): Promise<number> {
    const since = performance.now()
    let last: readonly string[] = []
    await waitFor(() => `${this.a.name} and ${this.b.name} to send by ${path}, but it is ${last.join(' and ')}`, async () => {
      last = await this.paths()
      return last.every((one) => one === path) ? true : undefined
    }, withinMs, 25)
    return performance.now() - since
  }

  /**
   * Looks at the paths until both ends have gone by `path` for as long as it takes to see that it is dead, and at least for that long.
   * Returns when they last did not, ms from the call; 0: they always did.
   */
  async settled(path: string, withinMs: number): Promise<number> {
    const since = performance.now()
    let lastOff = 0
    await waitFor(() => `${this.a.name} and ${this.b.name} to stay on ${path}`, async () => {
      const now = await this.paths()
      const at = performance.now() - since
      if (now.some((one) => one !== path)) lastOff = at
      return at - lastOff >= trustMs ? true : undefined
    }, withinMs, 25)
    return lastOff
  }
}

/** A client's own trust in a path that does not answer is 6.5 s. */
const trustMs = 7000
