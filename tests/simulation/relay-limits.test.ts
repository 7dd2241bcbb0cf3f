import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRelay, defaultLimits, parseSaved, type ClientLimits, type Relay, type RelayConfig } from '../../agent/relay/index.ts'
import type { RelayEndpoint } from '../../protocol/disco/index.ts'
import { createTestClient, endpointOf, seededBytes } from './client.ts'

const start = 1_700_000_000_000
const clients = ['alice', 'bob', 'carol', 'dave', 'erin'].map((name, i) => createTestClient(i + 1, name, seededBytes(10 * (i + 1))))
const ids = clients.map(({ node }) => node.id)

const anyId = fc.constantFrom(...ids)
const anyLimits = fc.array(fc.tuple(anyId, fc.record({ maxSessions: fc.integer({ min: 1, max: 2 }) })), { minLength: 3, maxLength: 8 }).map((all): ReadonlyMap<number, ClientLimits> => new Map(all))
const anyStep = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('ask' as const), from: anyId, to: anyId }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 20_000 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('limit' as const), limits: anyLimits }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('grant' as const), to: fc.subarray(ids, { minLength: 2 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('restart' as const) }) },
)

/** A relay, and beside it who asked for which of the endpoints that it gave. */
function createWorld(limits: ReadonlyMap<number, ClientLimits>) {
  let config: RelayConfig = {
    enabled: true, nodes: clients.map(({ node }) => node), mayAllocate: ids, addresses: [{ ip: '198.51.100.4', port: 40_000 }], limits: defaultLimits, clientLimits: limits,
  }
  let now = start
  let relay: Relay = createRelay({ randomBytes: seededBytes(7), config, now })
  /** By lamport id. Bounded: steps of the run. */
  const askers = new Map<string, number>()

  function answer(from: number, to: number): RelayEndpoint | undefined {
    const [asking, other] = [clients[from - 1], clients[to - 1]]
    if (asking === undefined || other === undefined) throw new Error('no such client')
    relay.handleDerpPacket(asking.nodeKey, asking.request(relay.nodeDiscoKey, other), now)
    const sent = relay.nextCommand()
    while (relay.nextCommand() !== undefined) continue
    const read = sent?.type === 'sendDerp' ? endpointOf(asking, sent.bytes) : undefined
    return read?.ok ? read.value : undefined
  }
  const reconfigure = (changes: Partial<RelayConfig>): void => {
    config = { ...config, ...changes }
    relay.reconfigure(config, 'changed', now)
  }
  const live = (): string[] => relay.saved().allocations.map(({ lamportId }) => lamportId)

  return {
    asked: (id: number): number => live().filter((lamportId) => askers.get(lamportId) === id).length,
    limit: (id: number): number => config.clientLimits?.get(id)?.maxSessions ?? Infinity,
    /** Whether the relay made a new endpoint. */
    ask(from: number, to: number): 'new' | 'known' | 'refused' {
      const before = new Set(live())
      const endpoint = answer(from, to)
      if (endpoint === undefined) return 'refused'
      const lamportId = endpoint.lamportId.toString()
      if (before.has(lamportId)) return 'known'
      askers.set(lamportId, from)
      return 'new'
    },
    wait(ms: number) {
      now += ms
      relay.handleTimeout(now)
    },
    limitTo: (clientLimits: ReadonlyMap<number, ClientLimits>) => reconfigure({ clientLimits }),
    grant: (mayAllocate: readonly number[]) => reconfigure({ mayAllocate }),
    granted: (id: number): boolean => [...config.mayAllocate].includes(id),
    restart() {
      const saved = parseSaved(JSON.parse(JSON.stringify(relay.saved())))
      if (!saved.ok) throw new Error(saved.reason)
      relay = createRelay({ randomBytes: seededBytes(8), config, saved: saved.value, now })
    },
  }
}

type World = ReturnType<typeof createWorld>

/** What a request came to, and what is wrong with that; a client that is not granted asks for nothing. */
function request(world: World, from: number, to: number): { readonly outcome?: 'new' | 'known' | 'refused'; readonly wrong?: string } {
  if (from === to || !world.granted(from)) return {}
  const had = world.asked(from)
  const outcome = world.ask(from, to)
  const [has, limit] = [world.asked(from), world.limit(from)]
  if (outcome === 'new' && has > limit) return { outcome, wrong: `${from} has ${has} of ${limit}` }
  if (outcome === 'refused' && had < limit) return { outcome, wrong: `${from} is refused at ${had} of ${limit}` }
  return { outcome }
}

test('no request takes a client beyond its sessions, none within them is refused, whatever ends, changes or restarts between', () => {
  const seen = { new: 0, known: 0, refused: 0 }
  fc.assert(fc.property(anyLimits, fc.array(anyStep, { minLength: 30, maxLength: 60 }), (limits, steps) => {
    const world = createWorld(limits)
    const wrongs: string[] = []
    for (const step of steps) {
      if (step.type === 'wait') world.wait(step.ms)
      else if (step.type === 'limit') world.limitTo(step.limits)
      else if (step.type === 'grant') world.grant(step.to)
      else if (step.type === 'restart') world.restart()
      else {
        const { outcome, wrong } = request(world, step.from, step.to)
        if (outcome !== undefined) seen[outcome]++
        if (wrong !== undefined) wrongs.push(wrong)
      }
    }
    expect(wrongs).toEqual([])
  }), { numRuns: 60 })
  // Each way was gone often enough to mean something.
  for (const times of Object.values(seen)) expect(times).toBeGreaterThan(25)
})
