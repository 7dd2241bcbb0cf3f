import { isValid } from '../netmap/index.ts'
import { canonicalKey } from '../protocol/keys.ts'
import type { Clock, RandomBytes } from '../lib/clock.ts'
import { Built } from './built.ts'
import type { Bus } from './bus/index.ts'
import type { Db } from './db/client.ts'
import { createDerpServer, defaultDerpLimits, type DerpLimits, type DerpServerStats } from './derp/index.ts'
import type { Env } from './env.ts'
import type { Log } from './log.ts'
import type { Metrics } from './metrics/index.ts'
import type { CountOfReason, DerpFacts } from './services/context.ts'
import { followDerpRegions } from './services/derp/follow.ts'
import type { OwnServer } from './services/derp/own-region.ts'
import type { LiveNetwork } from './services/network/types.ts'
import { getDerpBitsPerClient } from './services/setting/get.ts'
import { createStunServer, type StunStats } from './stun/index.ts'

export interface EdgeOptions {
  readonly env: Env
  readonly db: Db
  readonly bus: Bus
  readonly clock: Clock
  readonly random: RandomBytes
  readonly log: Log
  readonly network: LiveNetwork
  readonly metrics: Pick<Metrics, 'recordDerp'>
}

export interface EdgeStats {
  readonly derp: DerpServerStats
  readonly stun: StunStats
}

/** What nodes speak to besides the channel: the DERP server and STUN. */
export interface Edge {
  derp(): DerpFacts
  /** Since the start. */
  stats(): EdgeStats
  dispose(): Promise<void>
}

async function limitsOf(db: Db): Promise<DerpLimits> {
  const bytesPerSecond = Math.round((await getDerpBitsPerClient(db)) / 8)
  return { ...defaultDerpLimits, bytesPerSecond, burstBytes: bytesPerSecond }
}

/** What happened at all, most first. */
function byReason(counts: Readonly<Record<string, number>>): CountOfReason[] {
  return Object.entries(counts).filter(([, count]) => count > 0).map(([reason, count]) => ({ reason, count })).toSorted((a, b) => b.count - a.count)
}

/** Listens for DERP and STUN, tells the network where, and lets in only its valid nodes. Throws StartError when a port cannot be had. */
export async function openEdge({ env, db, bus, clock, random, log, network, metrics }: EdgeOptions): Promise<Edge> {
  const built = new Built(log)
  try {
    const stun = built.add(await createStunServer({ port: env.stunPort, clock }), (open) => open.close())
    const regions = built.add(
      await followDerpRegions({ db, bus, clock, network }, (error) => log.error({ err: error }, 'DERP: the regions were not read; it is tried again each minute')),
      (open) => open.dispose(),
    )
    const own = (pins: readonly string[]): OwnServer => ({
      host: env.publicAddress, derpPort: env.derpPort, stunPort: env.stunPort, pins, ipv6: stun.ipv6, port80: env.tls?.httpPort === 80,
    })
    const derp = built.add(await createDerpServer({
      dataFolder: env.data, port: env.derpPort, hosts: [env.publicAddress], files: env.derpFiles, random,
      limits: await limitsOf(db),
      mayConnect(nodeKey) {
        const node = network.nodeByKey(nodeKey)
        return node !== undefined && isValid(node, clock.now())
      },
      onPins(pins) {
        const cause = 'the DERP certificate was renewed'
        regions.setOwn(own(pins), cause)
        bus.publish('derp.changed', { cause })
      },
      onLog: (text) => log.warn({}, text),
    }), (open) => open.close())
    regions.setOwn(own(derp.pins), 'the DERP server is up')
    for (const stop of [...follow(), countTraffic()]) built.add(stop, (end) => end())

    /** Ends connections of nodes that are no longer let in, and takes a changed limit over. */
    function follow(): (() => void)[] {
      let recheck: NodeJS.Immediate | undefined
      return [
        bus.subscribe('node.removed', ({ nodeKey }) => {
          disconnect(nodeKey)
          // It is still let in until the network has taken its removal in, and that may be in nobody else's view.
          network.taken().then(() => disconnect(nodeKey), (error: unknown) => log.error({ err: error }, 'DERP: a removed machine may still be connected'))
        }),
        // An approval withdrawn, a key expired or replaced by another. One look for a crowd of changes.
        bus.subscribe('views.changed', () => {
          if (recheck !== undefined) return
          recheck = setImmediate(() => {
            recheck = undefined
            derp.recheck()
          })
        }),
        () => clearImmediate(recheck),
        bus.subscribe('setting.changed', ({ key }) => {
          if (key !== 'derpMbitPerClient') return
          limitsOf(db).then(derp.setLimits, (error: unknown) => log.error({ err: error }, 'DERP: the changed rate limit was not read'))
        }),
      ]
    }

    function disconnect(text: string): void {
      const key = canonicalKey('nodekey', text)
      if (key.ok) derp.disconnect(key.value)
    }

    /** Figures each second, with keys turned into the nodes that have them. */
    function countTraffic(): () => void {
      let before = derp.stats()
      const timer = setInterval(() => {
        const now = derp.stats()
        const pairs = derp.readPairs().flatMap(({ from, to, bytes }) => {
          const [a, b] = [network.nodeByKey(from)?.id, network.nodeByKey(to)?.id]
          return a === undefined || b === undefined ? [] : [{ a, b, bytesFromA: bytes, bytesFromB: 0 }]
        })
        metrics.recordDerp({ bytes: now.bytes - before.bytes, packets: now.packets - before.packets, pairs })
        before = now
      }, 1000)
      return () => clearInterval(timer)
    }

    return {
      derp() {
        const { clients, dropped, closed, failedHandshakes } = derp.stats()
        return {
          host: env.publicAddress, port: derp.port, pin: derp.pins[0] ?? '',
          certificateExpires: new Date(derp.certificate.notAfter), ownCertificate: derp.certificate.own, clients,
          drops: byReason(dropped), closed: byReason({ ...closed, 'failed-handshake': failedHandshakes }), stunDrops: byReason(stun.stats().dropped),
        }
      },
      stats: () => ({ derp: derp.stats(), stun: stun.stats() }),
      dispose: () => built.dispose(),
    }
  } catch (error) {
    await built.dispose()
    throw error
  }
}
