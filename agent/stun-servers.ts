import { lookup } from 'node:dns/promises'
import { canonicalIp, type AddrPort } from '../lib/addr-port.ts'
import type { DerpRegion } from '../protocol/channel/index.ts'

/** Names move to other addresses, and a resolver that failed comes back. */
const resolveEveryMs = 60_000
/** Our own region comes first; what a few more say of our address is enough. */
const maxRegions = 8

/** Keeps the addresses of the regions' STUN servers: each name is resolved anew every minute, off the packets' way. */
export class StunServers {
  readonly #onServers: (servers: readonly AddrPort[]) => void
  #regions: readonly DerpRegion[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(onServers: (servers: readonly AddrPort[]) => void) {
    this.#onServers = onServers
  }

  setRegions(all: readonly DerpRegion[]): void {
    const regions = all.slice(0, maxRegions)
    const spelled = (some: readonly DerpRegion[]): string => some.map(({ host, stunPort }) => `${host} ${stunPort}`).join()
    if (spelled(regions) === spelled(this.#regions)) return
    this.#regions = regions
    void this.#resolve()
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#regions = []
  }

  async #resolve(): Promise<void> {
    clearTimeout(this.#timer)
    const regions = this.#regions
    const found = await Promise.all(regions.map(addressesOf))
    // Others were set meanwhile: their own answer counts.
    if (regions !== this.#regions || regions.length === 0) return
    this.#onServers(found.flat())
    this.#timer = setTimeout(() => void this.#resolve(), resolveEveryMs)
  }
}

async function addressesOf({ host, stunPort }: DerpRegion): Promise<AddrPort[]> {
  if (stunPort === 0) return []
  try {
    const found = await lookup(host, { all: true })
    return found.flatMap(({ address }) => {
      const ip = canonicalIp(address)
      return ip === undefined ? [] : [{ ip, port: stunPort }]
    })
  } catch {
    // Without this server's word the relay still has its interfaces' and static addresses.
    return []
  }
}
