import { allocationReasons, createRelay, datagramReasons, defaultLimits, parseSaved, type Relay, type RelayCommand, type RelayConfig } from '../../agent/relay/index.ts'
import { formatAddrPort, type AddrPort } from '../../lib/addr-port.ts'
import { readVni } from '../../protocol/geneve/index.ts'
import { createTestClient, dataPacket, seededBytes } from './client.ts'
import { createMember, type Member } from './relay-member.ts'
import { createNetwork } from './relay-network.ts'

const start = 1_700_000_000_000
const relayAt: AddrPort = { ip: '198.51.100.4', port: 40_000 }
const strangerAt: AddrPort = { ip: '203.0.113.9', port: 9 }
const derpWayMs = 25
const reasons = [...datagramReasons, ...allocationReasons]

/** A claim about the relay that does not hold: the test fails with the simulated second. */
function claim(holds: boolean, what: string, now: number): asserts holds {
  if (!holds) throw new Error(`after ${(now - start) / 1000} s: ${what}`)
}

/** What the relay has told a data plane of one VNI. */
interface Legs {
  readonly legs: [AddrPort | undefined, AddrPort | undefined]
}

/**
 * One relay and two pairs, each sending on a network that loses, doubles and reorders, from addresses that change; beside
 * them a stranger. What must always hold is checked with each datagram.
 */
export function createRelayWorld(seed: number) {
  const network = createNetwork(seed, start)
  const { chance, later } = network
  const clients = ['alice', 'bob', 'carol', 'dave'].map((name, i) => createTestClient(i + 1, name, seededBytes(seed + 10 * (i + 1))))
  const nodes = clients.map(({ node }) => node)
  const config: { current: RelayConfig } = { current: { enabled: true, nodes, mayAllocate: [1, 3], addresses: [relayAt], limits: defaultLimits } }
  let relay: Relay = createRelay({ randomBytes: seededBytes(seed + 1), config: config.current, now: start })
  /** Bounded: the relay's VNIs. */
  const plane = new Map<number, Legs>()
  /** By key, of sessions that run. Bounded as above. */
  const running = new Set<string>()
  /** Handshakes that the stranger overheard. Bounded: 8. */
  const overheard: Uint8Array[] = []
  const ended: Record<string, number> = {}
  let opened = 0

  const members: Member[] = clients.flatMap((client, i) => {
    const other = clients[i ^ 1]
    return other === undefined ? [] : [createMember({
      client, other, chance, isAsking: i % 2 === 0, start,
      toRelay(from, bytes) {
        if (bytes.length > 60) overheard.splice(0, overheard.length - 7, bytes)
        network.send(() => deliver(from, bytes))
      },
      ask: () => later(derpWayMs, () => {
        relay.handleDerpPacket(client.nodeKey, client.request(relay.nodeDiscoKey, other), network.now)
        settle()
      }),
    })]
  })

  function take(command: RelayCommand): void {
    switch (command.type) {
      case 'sendControl': {
        const { to, bytes } = command
        return network.send(() => members.find(({ at }) => at.ip === to.ip)?.receive(bytes, network.now))
      }
      case 'sendDerp': {
        const { to, bytes } = command
        return later(derpWayMs, () => {
          const asked = members.findIndex(({ nodeKey }) => nodeKey === to)
          const endpoint = members[asked]?.readResponse(bytes)
          // The other is told of it over DERP, as call-me-maybe-via does.
          for (const member of [members[asked], members[asked ^ 1]]) if (endpoint) member?.offer(endpoint, network.now)
        })
      }
      case 'bindForward': {
        const { legs } = plane.get(command.vni) ?? { legs: [undefined, undefined] }
        legs[command.leg] = command.addr
        plane.set(command.vni, { legs })
        return
      }
      case 'unbindForward':
        if (!command.gentle) plane.delete(command.vni)
        return
      case 'sessionOpened':
        claim(!running.has(command.session.key), `session ${command.session.key} opened twice`, network.now)
        running.add(command.session.key)
        opened++
        return
      case 'sessionEnded':
        claim(running.delete(command.session.key), `session ${command.session.key} ended and did not run`, network.now)
        ended[command.reason] = (ended[command.reason] ?? 0) + 1
    }
  }

  function settle(): number {
    let count = 0
    for (let command = relay.nextCommand(); command; command = relay.nextCommand()) {
      take(command)
      count++
    }
    return count
  }

  function drops(): number {
    const counters = relay.counters()
    let sum = 0
    for (const reason of reasons) sum += counters[reason]
    return sum
  }

  function deliver(from: AddrPort, bytes: Uint8Array): void {
    const { now } = network
    const before = drops()
    const to = relay.handleDatagram(from, bytes, now)
    const dropped = drops() - before
    const commands = settle()
    claim(Number(to !== undefined) + dropped + Number(commands > 0) === 1, 'a datagram is forwarded, answered or dropped by one reason', now)
    if (to === undefined) return
    claim(from.ip !== strangerAt.ip, 'what a stranger sends is not forwarded', now)
    const [a, b] = plane.get(readVni(bytes))?.legs ?? []
    const [source, target] = a && formatAddrPort(a) === formatAddrPort(from) ? [a, b] : [b, a]
    claim(source !== undefined && target !== undefined && formatAddrPort(source) === formatAddrPort(from) && formatAddrPort(target) === formatAddrPort(to),
      'the core forwards where its commands let a data plane forward', now)
    network.send(() => members.find(({ at }) => at.ip === to.ip)?.receive(bytes, network.now))
  }

  function disturb(): void {
    const recorded = overheard[Math.floor(chance() * overheard.length)] ?? new Uint8Array()
    const torn = recorded.slice(0, Math.floor(chance() * recorded.length))
    const guessed = dataPacket(1 + Math.floor(chance() * 64), new Uint8Array(40))
    for (const bytes of [recorded, torn, guessed]) network.send(() => deliver(strangerAt, bytes))
    later(20_000 * (0.5 + chance()), disturb)
  }

  function reconfigure(changes: Partial<RelayConfig>, cause: string): void {
    config.current = { ...config.current, ...changes }
    relay.reconfigure(config.current, cause, network.now)
    settle()
  }

  for (const member of members) member.begin(later, () => network.now)
  disturb()

  return {
    members,
    get relay() { return relay },
    get now() { return network.now },
    ended,
    get opened() { return opened },
    get running() { return running.size },
    reconfigure,
    /** A new process with what the last one saved. */
    restart() {
      const saved = parseSaved(JSON.parse(JSON.stringify(relay.saved())))
      claim(saved.ok, 'what was saved reads back', network.now)
      const keys = (): string => relay.sessions().map(({ key }) => key).sort().join()
      const before = keys()
      plane.clear()
      relay = createRelay({ randomBytes: seededBytes(seed + Math.round(network.now - start)), config: config.current, saved: saved.value, now: network.now })
      settle()
      claim(keys() === before, 'sessions outlive a restart', network.now)
    },
    /** Lets time pass: what is on its way, and the relay's own deadlines, each at its moment. */
    run(ms: number) {
      network.run(ms, () => relay.pollTimeout(), (now) => {
        relay.handleTimeout(now)
        settle()
        claim(relay.pollTimeout() > now, 'a deadline that is past is done with', now)
      })
    },
  }
}
