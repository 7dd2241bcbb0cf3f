import { formatRange } from '../address.ts'
import type { PolicyNode } from '../model.ts'
import { isExitRoute, subnetRange } from '../route.ts'
import type { AddressOrder, Entry } from './address-order.ts'

/** Subnet routes of nodes that others hear of. */
export class CountedRoutes {
  readonly #order: AddressOrder
  /** By text, each as often as it is routed. Bounded: routes of the network. */
  readonly #routes = new Map<string, { readonly entry: Entry; count: number }>()

  constructor(order: AddressOrder) {
    this.#order = order
  }

  get size(): number {
    return this.#routes.size
  }

  entries(): Entry[] {
    return [...this.#routes.values()].map(({ entry }) => entry)
  }

  /** A node came or left. Tells whether there is a route now that was not there, or the other way round. */
  change({ routes = [] }: PolicyNode, isThere: boolean): boolean {
    let isOther = false
    for (const text of routes) {
      const range = isExitRoute(text) ? undefined : subnetRange(text)
      if (range === undefined) continue
      const known = this.#routes.get(text)
      if (isThere && known !== undefined) known.count++
      else if (isThere) {
        this.#routes.set(text, { entry: this.#order.take(formatRange(range)), count: 1 })
        isOther = true
      } else if (known !== undefined && --known.count === 0) {
        this.#order.release(known.entry)
        this.#routes.delete(text)
        isOther = true
      }
    }
    return isOther
  }
}
