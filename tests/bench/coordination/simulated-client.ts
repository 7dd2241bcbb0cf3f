import { randomBytes } from 'node:crypto'
import { connect, type CoordinationClient } from '../../coordination-client/index.ts'
import { MessageReader, type Message } from './frames.ts'

export interface ClientOptions {
  readonly url: string
  /** `mkey:…` */
  readonly serverKey: string
  readonly authKey: string
  readonly name: string
  /** The loopback address that it dials from. */
  readonly localAddress: string
  /** Its home region. */
  readonly derpRegion: number
  /** Where it says that it is reached. */
  readonly endpoint: string
  readonly onMessage: (client: SimulatedClient, message: Message) => void
}

/** What of the map a client keeps here: enough to say what it was told. */
interface Known {
  /** Ids of its peers. Bounded by the network, as below. */
  readonly peers: Set<number>
  /** Those with a home region. */
  readonly reachable: Set<number>
  /** Parts of its packet filter that name a relay. */
  readonly relayChunks: Set<string>
}

const key = (kind: string): string => `${kind}:${randomBytes(32).toString('hex')}`
const relayTarget = 'tailscale.com/cap/relay-target'
/** Stock clients have no such limit; without one a bench would not end. */
const answerMs = 300_000

/** A client that says and hears what a stock client does, over the real protocol, and has no network behind it. */
export class SimulatedClient {
  readonly known: Known = { peers: new Set(), reachable: new Set(), relayChunks: new Set() }
  readonly nodeKey = key('nodekey')
  /** Once it has its first map. */
  id = 0
  /** Why its stream ended; empty: it runs. */
  ended = ''
  readonly #options: ClientOptions
  readonly #discoKey = key('discokey')
  #connection: CoordinationClient | undefined

  constructor(options: ClientOptions) {
    this.#options = options
  }

  /** It may use a relay. */
  get hasRelay(): boolean {
    return this.known.relayChunks.size > 0
  }

  /** Registers, opens its stream and says what it has, as a stock client does. Resolves when it is whole in the network: its last report is taken. */
  async join(): Promise<void> {
    const { url, serverKey, localAddress, authKey, derpRegion, endpoint } = this.#options
    const connection = await connect(url, { serverKey, localAddress })
    this.#connection = connection
    const answer = await this.#post('/machine/register', { ...this.#registration(), Auth: { AuthKey: authKey } })
    if (typeof answer !== 'object' || answer === null || !('Error' in answer) || answer.Error !== '') throw new Error(`register: ${JSON.stringify(answer)}`)
    await Promise.all([this.#stream(connection), this.#report({})])
    // What its check of the network found comes once it knows the regions from its map.
    await this.#report({ Hostinfo: { ...this.#hostinfo(), NetInfo: { PreferredDERP: derpRegion, WorkingUDP: true } }, Endpoints: [endpoint], EndpointTypes: [2] })
  }

  /** Logs out, and closes. */
  async leave(): Promise<void> {
    await this.#post('/machine/register', { ...this.#registration(), Expiry: '1970-01-01T00:02:03Z' })
    await this.close()
  }

  async close(): Promise<void> {
    await this.#connection?.close()
  }

  #hostinfo(): object {
    return { IPNVersion: '1.102.3-bench', OS: 'linux', OSVersion: '6.1', Hostname: this.#options.name, Services: [{ Proto: 'peerapi4', Port: 41_112 }] }
  }

  #registration(): object {
    return { Version: 142, NodeKey: this.nodeKey, OldNodeKey: `nodekey:${'0'.repeat(64)}`, Expiry: '0001-01-01T00:00:00Z', Followup: '', Hostinfo: this.#hostinfo(), Ephemeral: true }
  }

  #request(): object {
    return { Version: 142, Compress: 'zstd', KeepAlive: true, NodeKey: this.nodeKey, DiscoKey: this.#discoKey }
  }

  async #report(more: object): Promise<void> {
    await this.#post('/machine/map', { ...this.#request(), OmitPeers: true, Hostinfo: this.#hostinfo(), ...more })
  }

  async #post(path: string, body: object): Promise<unknown> {
    const signal = AbortSignal.timeout(answerMs)
    const { status, text, json } = await this.#open().request(path, body, { signal }).catch((error: unknown) => {
      throw signal.aborted ? new Error(`${this.#options.name}: ${path} was not answered within ${answerMs / 1000} s`) : error
    })
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`)
    return json
  }

  #open(): CoordinationClient {
    if (this.#connection === undefined) throw new Error(`${this.#options.name} is not connected`)
    return this.#connection
  }

  /** Resolves with the first map. */
  async #stream(connection: CoordinationClient): Promise<void> {
    const body = await connection.stream('/machine/map', { ...this.#request(), Stream: true })
    if (body.status !== 200) throw new Error(`map: ${body.status}`)
    await new Promise<void>((resolve, reject) => {
      void this.#read(body, resolve).then((why) => {
        this.ended = why
        reject(new Error(`${this.#options.name}: ${why}`))
      })
    })
  }

  /** Why it ended. */
  async #read(body: AsyncIterable<Uint8Array>, onFirst: () => void): Promise<string> {
    const reader = new MessageReader()
    try {
      for await (const chunk of body) {
        for (const message of reader.push(chunk)) {
          this.#take(message)
          this.#options.onMessage(this, message)
          onFirst()
        }
      }
      return 'the stream ended'
    } catch (error) {
      return String(error)
    }
  }

  #take({ said: { Node, Peers, PeersChanged, PeersRemoved, PeersChangedPatch, PacketFilters } }: Message): void {
    const { peers, reachable, relayChunks } = this.known
    if (Node !== undefined) this.id = Node.ID
    if (Peers !== undefined && Peers.length > 0) {
      peers.clear()
      reachable.clear()
    }
    for (const id of PeersRemoved ?? []) {
      peers.delete(id)
      reachable.delete(id)
    }
    for (const { ID, HomeDERP } of [...Peers ?? [], ...PeersChanged ?? []]) {
      peers.add(ID)
      if (HomeDERP) reachable.add(ID)
    }
    for (const { NodeID, DERPRegion } of PeersChangedPatch ?? []) if (DERPRegion && peers.has(NodeID)) reachable.add(NodeID)
    if (PacketFilters === undefined) return
    if ('*' in PacketFilters) relayChunks.clear()
    for (const [name, rules] of Object.entries(PacketFilters)) {
      const isRelays = rules?.some(({ CapGrant, SrcIPs }) => SrcIPs.length > 0 && CapGrant?.some(({ CapMap }) => relayTarget in CapMap)) ?? false
      if (isRelays) relayChunks.add(name)
      else relayChunks.delete(name)
    }
  }
}
