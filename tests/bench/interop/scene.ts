import { waitFor } from '../../e2e/harness/wait.ts'
import { findPeer, startAgent, startClient, startControl, type Agent, type Control, type StockClient } from '../../interop/harness/index.ts'
import { createLab, type Lab, type Site } from '../../netlab/index.ts'
import { Pair } from './pair.ts'
import { benchPolicy, tags } from './policy.ts'

export type RelayKind = 'ours' | 'stock'
export const relayKinds: readonly RelayKind[] = ['ours', 'stock']

const stockPort = 40_000

/** A stock client that relays. */
export interface StockRelay {
  readonly client: StockClient
  /** By its own command line; resolves when the control plane knows it. */
  turn(state: 'on' | 'off'): Promise<void>
  untilRelaying(): Promise<void>
}

/** The product, a relay of ours, a stock one and a spare one of ours that is off, all on one internet; pairs of clients are added as they are needed. */
export interface Scene {
  readonly lab: Lab
  readonly control: Control
  readonly relays: { readonly ours: Agent; readonly stock: StockRelay; readonly spare: Agent }
  /** Where pairs use it: `ADDRESS:PORT`. */
  endpointOf(relay: RelayKind | 'spare'): string
  pair(kind: keyof typeof sitesOf): Promise<Pair>
  remove(): Promise<void>
}

/** By what a pair reaches itself. */
const sitesOf = {
  ours: { sites: ['ours-a', 'ours-b'], tag: tags.ours, nat: 'hard' },
  stock: { sites: ['stock-a', 'stock-b'], tag: tags.stock, nat: 'hard' },
  direct: { sites: ['direct-a', 'direct-b'], tag: tags.none, nat: 'cone' },
  derp: { sites: ['derp-a', 'derp-b'], tag: tags.none, nat: 'hard' },
} as const
/** Where the pairs are. */
export const pairSites: readonly string[] = Object.values(sitesOf).flatMap(({ sites }) => sites)
/** For clients that come and go. */
export const guestSites = ['guest-a', 'guest-b'] as const

/** Clients of one network know each other, and each other's home, when this resolves. */
export async function acquainted(one: StockClient, other: StockClient, withinMs = 15_000): Promise<void> {
  const knows = (client: StockClient, { name }: StockClient) => client.untilStatus(`${name} among its peers, with a home`, (status) => Boolean(findPeer(status, name)?.Relay), withinMs)
  await Promise.all([knows(one, other), knows(other, one)])
}

async function startStockRelay(lab: Lab, control: Control): Promise<StockRelay> {
  const client = await startClient(lab, 'stock', { name: 'stock' })
  await client.up({ loginServer: control.loginServer, authKey: await control.authKey({ tags: [tags.stockRelay] }) })
  const row = async () => (await control.client.relay.list.query()).find(({ name }) => name === 'stock')
  const until = (states: readonly string[]) => waitFor(`the stock relay to be ${states.join(' or ')}`, async () => {
    const one = await row()
    return states.includes(one?.state ?? 'none') ? true : undefined
  }, 20_000)
  const relay: StockRelay = {
    client,
    async turn(state) {
      await client.set(`--relay-server-port=${state === 'on' ? stockPort : ''}`)
      // Without a port it is no relay at all.
      await until(state === 'on' ? ['relaying'] : ['off', 'none'])
    },
    untilRelaying: async () => void await until(['relaying']),
  }
  await relay.turn('on')
  return relay
}

/** Takes about fifteen seconds, and builds the product first where sources changed. */
export async function makeScene(): Promise<Scene> {
  const hosts: readonly (readonly [string, Site])[] = [
    ...Object.values(sitesOf).flatMap(({ sites, nat }) => sites.map((site) => [site, { nat }] as const)),
    ...guestSites.map((site) => [site, { nat: 'hard' }] as const),
    ...['ours', 'stock', 'spare'].map((site) => [site, { public: true }] as const),
  ]
  const lab = await createLab({ prefix: 'bench', sites: { control: { public: true, address: '10.0.0.5', here: true }, ...Object.fromEntries(hosts) } })
  let control: Control | undefined
  async function remove(): Promise<void> {
    await control?.remove()
    await lab.remove()
  }
  try {
    control = await startControl(lab, 'control')
    const product = control
    const { client, loginServer } = product
    const { version } = await client.policy.get.query()
    await client.policy.save.mutate({ text: benchPolicy(), expectedVersion: version })
    const [ours, spare, stock] = await Promise.all([
      startAgent(lab, 'ours', product, { name: 'ours' }),
      startAgent(lab, 'spare', product, { name: 'spare', tags: [tags.spareRelay], on: false }),
      startStockRelay(lab, product),
    ])
    /** Bounded: one per kind. */
    const pairs = new Map<string, Promise<Pair>>()
    const start = async (site: string, tag: string): Promise<StockClient> => {
      const one = await startClient(lab, site, { name: site })
      await one.up({ loginServer, authKey: await product.authKey({ tags: [tag] }) })
      return one
    }
    return {
      lab, control, remove,
      relays: { ours, stock, spare },
      endpointOf: (relay) => `${lab.addressOf(relay)}:40000`,
      pair(kind) {
        const { sites: [one, other], tag } = sitesOf[kind]
        const made = pairs.get(kind) ?? Promise.all([start(one, tag), start(other, tag)]).then(async ([a, b]) => {
          await acquainted(a, b)
          return new Pair(lab, a, b)
        })
        pairs.set(kind, made)
        return made
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}
