import type { Millis } from '../../lib/clock.ts'
import { TowpathError } from '../errors/index.ts'
import { auditClientRelay, clientRelay, reportClientFailure, reportClientPrefs, type ClientRelay } from '../services/relay/client-wanted.ts'
import { endRevoked } from './end-revoked.ts'
import { Reader } from './reader.ts'
import { ClientRefused, relayRequests } from './requests.ts'
import { setClient } from './set-client.ts'
import type { StockRelaysOptions } from './types.ts'

/** A client is asked for its figures this often at most, and only while somebody looks (spec/coordination.md §7.3). */
const readEveryMs = 10_000
/** Its settings may change on the machine itself. */
const prefsEveryMs = 30_000
/** A client that did not answer, or has not gone by its map yet. */
const soonMs = 1000
/** One that refused: its owner has to do something. */
const lateMs = 60_000
/** That a client is read is written down once for a while of looking. */
const auditEveryMs = 3_600_000

interface Followed {
  readonly reader: Reader
  /** One thing at a time. Never rejects. */
  work: Promise<void>
  isBusy: boolean
  /** It goes by what is wanted, as far as is known. */
  isSettled: boolean
  trySettingAt: Millis
  readAt: Millis
  prefsAt: Millis
  auditedAt: Millis
}

export interface StockRelays {
  /** What a timer calls each second: begins what is due. */
  tick(): void
  /** All that is under way is done. */
  settled(): Promise<void>
  dispose(): Promise<void>
}

/** Brings stock relays to what is wanted of them, reads them while somebody looks, and ends sessions whose grant was taken away. */
export function createStockRelays(options: StockRelaysOptions, { startTimer = true } = {}): StockRelays {
  const { services, metrics, log } = options
  const { bus, clock, network, questions } = services
  /** Bounded: stock relays of the network; `tick` forgets removed ones. */
  const followed = new Map<number, Followed>()
  const stopping = new AbortController()

  function wait(ms: Millis): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer)
        reject(new Error('the control plane is stopping'))
      }
      const timer = setTimeout(() => {
        stopping.signal.removeEventListener('abort', stop)
        resolve()
      }, ms)
      if (stopping.signal.aborted) stop()
      else stopping.signal.addEventListener('abort', stop, { once: true })
    })
  }

  function follow(id: number): Followed {
    const known = followed.get(id)
    if (known) return known
    const made: Followed = { reader: new Reader(options, id), work: Promise.resolve(), isBusy: false, isSettled: false, trySettingAt: 0, readAt: 0, prefsAt: 0, auditedAt: 0 }
    followed.set(id, made)
    return made
  }

  function enqueue(id: number, job: (one: Followed, relay: ClientRelay) => Promise<void>): void {
    const one = follow(id)
    one.isBusy = true
    const work = one.work.then(async () => {
      const relay = stopping.signal.aborted ? undefined : await clientRelay(services, id)
      if (relay !== undefined) await job(one, relay)
    }).catch((error: unknown) => {
      // A client that does not answer now, or refuses: it is asked again.
      if (stopping.signal.aborted || error instanceof TowpathError) return
      if (error instanceof ClientRefused) return log.warn({ nodeId: id, reason: error.message }, 'stock relays: a client refused')
      log.error({ err: error, nodeId: id }, 'stock relays: unexpected failure')
    }).finally(() => {
      if (one.work === work) one.isBusy = false
    })
    one.work = work
  }

  async function bring(one: Followed, relay: ClientRelay): Promise<void> {
    one.isSettled = !relay.isPending
    if (one.isSettled || !network.isOnline(relay.id) || clock.now() < one.trySettingAt) return
    // If it does not come to its end.
    one.trySettingAt = clock.now() + soonMs
    try {
      one.isSettled = await setClient(services, relayRequests(questions, relay.id), relay)
      if (one.isSettled) one.trySettingAt = 0
    } catch (error) {
      if (!(error instanceof ClientRefused)) throw error
      one.trySettingAt = clock.now() + lateMs
      await reportClientFailure(services, relay.id, error.message)
    }
  }

  async function read(one: Followed, relay: ClientRelay): Promise<void> {
    const now = clock.now()
    const ask = relayRequests(questions, relay.id)
    if (now - one.auditedAt >= auditEveryMs) {
      one.auditedAt = now
      await auditClientRelay(services, relay, 'relay.read-client', { what: relay.remoteConfig ? 'sessions' : 'metrics' })
    }
    if (now - one.prefsAt >= prefsEveryMs && !relay.isPending) {
      one.prefsAt = now
      await reportClientPrefs(services, relay.id, await ask.prefs())
    }
    if (!metrics.live.watched(relay.id) || now - one.readAt < readEveryMs) return
    one.readAt = now
    if (relay.remoteConfig) await one.reader.readSessions(ask)
    else await one.reader.readCounters(ask)
  }

  const isStock = (id: number): boolean => network.node(id)?.kind === 'client' && network.relayConfig(id) !== undefined

  /** What is due of one relay. Its settings are read when it comes, and then while somebody looks. */
  function look(id: number, now: Millis): void {
    if (!isStock(id) || !network.isOnline(id)) return
    const one = follow(id)
    if (one.isBusy) return
    if (!one.isSettled && now >= one.trySettingAt) enqueue(id, bring)
    const isWatched = metrics.live.watched(id)
    if (one.prefsAt === 0 || (isWatched && (now - one.readAt >= readEveryMs || now - one.prefsAt >= prefsEveryMs))) enqueue(id, read)
  }

  async function settled(): Promise<void> {
    do {
      await network.settled()
      await Promise.all([...followed.values()].map(({ work }) => work))
    } while ([...followed.values()].some(({ isBusy }) => isBusy))
  }

  function revoked(id: number, cause: string, since: Millis): void {
    enqueue(id, async ({ reader }, relay) => {
      if (!relay.advertised || !relay.isOn) return
      if (await endRevoked({ ctx: services, ask: relayRequests(questions, id), relay, cause, since, wait })) await reader.allEnded(cause)
    })
  }

  const stops = [
    bus.subscribe('relay.changed', ({ nodeId }) => {
      if (network.node(nodeId)?.kind === 'client') void network.settled().then(() => isStock(nodeId) && enqueue(nodeId, bring))
    }),
    bus.subscribe('node.presence', ({ nodeId, online }) => {
      const one = followed.get(nodeId)
      if (!one || !online) return
      // It may have been set otherwise meanwhile, and it can be asked again.
      one.prefsAt = 0
      one.trySettingAt = 0
      look(nodeId, clock.now())
    }),
    bus.subscribe('views.changed', ({ nodeIds, cause, revokes }) => {
      if (revokes !== true) return
      for (const id of nodeIds) if (isStock(id)) revoked(id, cause, clock.now())
    }),
  ]

  function tick(): void {
    const now = clock.now()
    for (const id of followed.keys()) if (network.node(id) === undefined) followed.delete(id)
    for (const { id, kind } of network.network().nodes) if (kind === 'client') look(id, now)
  }
  const timer = startTimer ? setInterval(tick, 1000) : undefined

  return {
    tick,
    settled,
    async dispose() {
      clearInterval(timer)
      for (const stop of stops) stop()
      stopping.abort()
      await settled()
    },
  }
}
