import { networkInterfaces } from 'node:os'
import { formatAddrPort, type AddrPort } from '../lib/addr-port.ts'
import type { Clock, RandomBytes } from '../lib/clock.ts'
import type { ChannelView, RelayStatus } from '../protocol/channel/index.ts'
import type { NodeKey } from '../protocol/keys.ts'
import { advertise, interfaceIps, StunProber, type AdvertisedAddress } from './addresses/index.ts'
import { createPlane, type DataPlane, type PlaneChoice } from './dataplane/index.ts'
import { createEventLoop } from './event-loop.ts'
import type { Log } from './log.ts'
import { relayConfig, wantedPort } from './relay-config.ts'
import { relayStatus } from './relay-status.ts'
import { RelaySwitch } from './relay-switch.ts'
import { createRelay, type Relay, type SavedRelay, type SessionInfo } from './relay/index.ts'

/** Interfaces come and go with cables and VPNs; a question to the system each time. */
const addressesEveryMs = 5000

export interface HostRelayOptions {
  /** The last view and clock difference that were in force: the relay works by them until others come. */
  readonly view: ChannelView | undefined
  readonly skewMs: number
  /** Bits a second of one session; absent: no limit. */
  readonly sessionRate?: number | undefined
  readonly saved: SavedRelay | undefined
  readonly nodeDisco: Uint8Array
  readonly clock: Clock
  readonly random: RandomBytes
  readonly log: Log
  readonly dataPlane: Omit<PlaneChoice, 'onWorkerDeath'>
  readonly sendDerp: (to: NodeKey, bytes: Uint8Array) => void
  readonly save: (text: string) => void
  readonly onOpened: (session: SessionInfo) => void
  readonly onEnded: (session: SessionInfo, reason: string, at: number) => void
  /** The state, its text or the addresses are others, or time has passed: `status()` may differ. */
  readonly onStatus: () => void
  readonly requestedPort: () => number | undefined
}

/** The relay on this host: core, data plane, its port's switch and the addresses that it is reached at. */
export interface HostRelay {
  readonly relay: Relay
  readonly plane: DataPlane
  /** The view is in force when this returns; `cause` is the reason of sessions that it ends. */
  configure(view: ChannelView | undefined, skewMs: number, cause: string): void
  setStunServers(servers: readonly AddrPort[]): void
  derpPacket(from: NodeKey, bytes: Uint8Array): void
  status(): RelayStatus
  /** Executes what a restored state asks for, and opens the port where the view says so. */
  start(): void
  /** Saves the state and frees the port; the clients are not told, so that a restart goes on with their sessions. */
  close(): Promise<void>
}

export function createHostRelay(options: HostRelayOptions): HostRelay {
  const { clock, log } = options
  const power = new RelaySwitch()
  const stun = new StunProber(options.random)
  let { view, skewMs } = options
  let cause = 'Changed while the relay was away'
  let addresses: AdvertisedAddress[] = []
  let addressesDueAt = 0
  let isClosed = false
  /** Why the last try for the port failed: it is tried every few seconds, and said once. */
  let failure = ''

  power.want(wantedPort(view))
  const config = () => relayConfig({ view, accepts: power.accepts, addresses: addresses.map(({ address }) => address), skewMs, sessionRate: options.sessionRate })
  const relay = createRelay({ randomBytes: options.random, config: config(), saved: options.saved, nodeDisco: options.nodeDisco, now: clock.now() })
  const plane = createPlane((from, bytes) => loop.datagram(from, bytes), {
    ...options.dataPlane,
    onWorkerDeath: (why) => log.error({ why }, 'a bug: a thread of the data plane ended and is replaced; sessions go on'),
  })
  const loop = createEventLoop({
    relay, plane, clock,
    sendDerp: options.sendDerp,
    save: options.save,
    onSaveError: (error) => log.error({ error: String(error) }, 'cannot save the relay’s state: a restart would lose its newest sessions'),
    onOpened: options.onOpened,
    onEnded: options.onEnded,
    onStun(bytes, now) {
      stun.handle(bytes, now)
      refreshAddresses()
    },
    onTick(now) {
      if (plane.state.state === 'bound') for (const { to, bytes } of stun.poll(now)) plane.sendControl(to, bytes)
      if (now >= addressesDueAt) refreshAddresses()
      advance()
      options.onStatus()
    },
  })

  const refreshAddresses = (): void => {
    const now = clock.now()
    addressesDueAt = now + addressesEveryMs
    const found = plane.state.state !== 'bound' ? [] : advertise({
      port: plane.state.port,
      ipv6: plane.state.families.includes('IPv6'),
      statics: view?.relay?.staticEndpoints ?? [],
      interfaces: interfaceIps(networkInterfaces()),
      stun: stun.mapped(now),
    })
    if (spelled(found) === spelled(addresses)) return
    addresses = found
    loop.reconfigure(config(), cause)
    options.onStatus()
  }

  /** Takes the switch as far as it goes at once; the outcome of a bind or close takes it further. */
  const advance = (): void => {
    for (let before = ''; before !== power.phase.name && !isClosed;) {
      before = power.phase.name
      const accepted = power.accepts
      const action = power.step(relay.endpoints, clock.now())
      if (power.accepts !== accepted) loop.reconfigure(config(), cause)
      if (action?.type === 'bind') void bind(action.port)
      if (action?.type === 'close') void unbind()
      if (before !== power.phase.name) options.onStatus()
    }
  }

  const bind = async (port: number): Promise<void> => {
    const state = await plane.start(port)
    if (isClosed) return void plane.close()
    const text = state.state === 'failed' ? state.text : ''
    power.bound({ ok: state.state === 'bound', text }, clock.now())
    if (state.state === 'bound') log.info({ port, dataPlane: plane.name, ...(state.text !== '' && { text: state.text }) }, 'relaying')
    else if (text !== '' && text !== failure) log.warn({ port }, text)
    failure = text
    stun.reset()
    refreshAddresses()
    advance()
    options.onStatus()
  }

  const unbind = async (): Promise<void> => {
    await plane.close()
    power.closed()
    log.info('the relay’s port is closed')
    refreshAddresses()
    advance()
    options.onStatus()
  }

  return {
    relay,
    plane,
    configure(newView, newSkewMs, newCause) {
      view = newView
      skewMs = newSkewMs
      cause = newCause
      power.want(wantedPort(view))
      loop.reconfigure(config(), cause)
      advance()
      refreshAddresses()
      options.onStatus()
    },
    setStunServers: (servers) => stun.setServers(servers),
    derpPacket: (from, bytes) => loop.derpPacket(from, bytes),
    status: () => relayStatus({
      phase: power.phase, plane, addresses, sessions: relay.sessions().length, requestedPort: options.requestedPort(), sessionRate: options.sessionRate, skewMs,
    }),
    start() {
      loop.start()
      advance()
    },
    async close() {
      isClosed = true
      loop.close()
      await plane.close()
    },
  }
}

function spelled(addresses: readonly AdvertisedAddress[]): string {
  return addresses.map(({ address, source }) => `${source} ${formatAddrPort(address)}`).join()
}
