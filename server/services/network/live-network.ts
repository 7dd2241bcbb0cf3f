import type { Clock, Millis } from '../../../lib/clock.ts'
import { createNetmap, lossCause, type NetNode, type NodeView, relayLimits } from '../../../netmap/index.ts'
import { compilePolicy, formatBytes, grantTerms, type LimitedPolicy, monthName, monthOf, parsePolicy, type Policy } from '../../../policy/index.ts'
import type { Bus } from '../../bus/index.ts'
import { dnsSettingKey } from '../dns/stored.ts'
import { QuotaBook } from '../quota/book.ts'
import { liveQuotas } from '../quota/live.ts'
import { Batch } from './batch.ts'
import { ChangeQueue, type Change } from './change-queue.ts'
import { Presence } from './presence.ts'
import { disableRelayServer } from './stored.ts'
import type { LiveNetwork, NetworkLoader, StoredNode } from './types.ts'

export interface LiveNetworkOptions {
  readonly load: NetworkLoader
  readonly bus: Bus
  readonly clock: Clock
  /** A change that could not be taken in; it is tried again. */
  readonly onError: (error: unknown) => void
}

/** setTimeout counts in 32 bits; a key may expire later. */
const longestTimerMs = 3_600_000

function parsed(text: string): Policy {
  const result = parsePolicy(text)
  if (!result.ok) throw new Error(`the stored policy is not valid: ${result.problems[0]?.message ?? ''}`)
  return result.policy
}

const joined = (causes: readonly string[]): string => (causes.length > 3 ? `${causes.slice(0, 3).join('; ')}; and ${causes.length - 3} more` : causes.join('; '))

/** Loads the network and follows the bus. Every change in it comes out as `views.changed`, with the reason of what it ends. */
export async function createLiveNetwork({ load, bus, clock, onError }: LiveNetworkOptions): Promise<LiveNetwork> {
  const [stored, firstPolicy, firstNames] = [await load.nodes(), await load.policy(), await load.names()]
  /** Bounded: one per node of the network. */
  const rows = new Map(stored.map((node) => [node.id, node]))
  let { version } = firstPolicy
  let policy = parsed(firstPolicy.text)
  const book = new QuotaBook(compilePolicy(policy), await load.quotaUse(monthOf(clock.now())), clock.now())
  /** Stock relays that are to stop for a moment. Bounded: relays of the network; a removed node is forgotten. */
  const held = new Set<number>()
  const presence = new Presence(clock.now(), stored.map(({ id }) => id))
  const netNode = ({ relay, lastSeen, ...node }: StoredNode): NetNode => ({
    ...node,
    online: presence.isOnline(node.id),
    ...seen(node.id, lastSeen),
    ...(node.routes.length > 0 && !presence.isHere(node.id, clock.now()) ? { gone: true } : {}),
    relayUp: relay !== undefined && relay.advertised && relay.state === 'relaying' && presence.isHere(node.id, clock.now()) && !held.has(node.id),
    // Clients that are told of preferred relays alone must not wait for the end of its grace.
    ...(relay !== undefined && presence.offlineSince(node.id) !== undefined && presence.isHere(node.id, clock.now()) ? { relayDoubtful: true } : {}),
    ...(node.kind === 'client' && relay !== undefined && (!relay.advertised || held.has(node.id)) ? { attributes: [disableRelayServer] } : {}),
  })
  /** Of one who is online it changes all the time, and says nothing. */
  function seen(nodeId: number, stored: Millis | undefined): { readonly lastSeen?: Millis } {
    const lastSeen = presence.isOnline(nodeId) ? undefined : presence.offlineSince(nodeId) ?? stored
    return lastSeen === undefined ? {} : { lastSeen }
  }
  const netmap = createNetmap({ nodes: stored.map(netNode), policy: book.policy, derpRegions: [], names: firstNames, now: clock.now() })
  /** Rebuilt with each change. Bounded as above. */
  let byId = new Map<number, NetNode>()
  let byKey = new Map<string, NetNode>()
  let timer: NodeJS.Timeout | undefined
  let isDisposed = false

  function index(): void {
    const { nodes } = netmap.network()
    byId = new Map(nodes.map((node) => [node.id, node]))
    byKey = new Map(nodes.map((node) => [node.nodeKey, node]))
  }

  /** Applies a change to the map and tells whose view is another; `touched` are told anyway (their relay's settings are no part of the map). */
  function apply(change: () => number[], touched: ReadonlyMap<number, string>, cause: string): void {
    const before = netmap.network()
    const viewsBefore = new Map<number, NodeView>()
    for (const { id } of before.nodes) {
      const view = netmap.view(id)
      if (view !== undefined && view.serves.length > 0) viewsBefore.set(id, view)
    }
    const changed = new Set([...change(), ...touched.keys()])
    index()
    /** Bounded: nodes of the network. */
    const idsByCause = new Map<string, number[]>()
    /** Causes that took something away. Bounded as above. */
    const revoking = new Set<string>()
    for (const id of changed) {
      const view = netmap.view(id)
      if (view === undefined) continue
      const was = viewsBefore.get(id)
      const lost = was && lossCause(before, netmap.network(), was, view)
      const text = lost ?? (touched.get(id) || cause)
      if (lost !== undefined) revoking.add(text)
      const ids = idsByCause.get(text)
      if (ids === undefined) idsByCause.set(text, [id])
      else ids.push(id)
    }
    for (const [text, nodeIds] of idsByCause) bus.publish('views.changed', { nodeIds, cause: text, revokes: revoking.has(text) })
    arm()
  }

  /** The time of the next thing that happens by itself: a key expires, a relay was gone too long. */
  function arm(): void {
    clearTimeout(timer)
    if (isDisposed) return
    const now = clock.now()
    const due = Math.min(netmap.nextExpiry() ?? Infinity, presence.nextLapse(now) ?? Infinity, book.nextChange(now) ?? Infinity)
    if (due === Infinity) return
    timer = setTimeout(passTime, Math.min(Math.max(0, due - now), longestTimerMs))
  }

  function passTime(): void {
    const now = clock.now()
    book.pass(now)
    limitByQuotas()
    const lapsed = presence.lapsed(now)
    const gone = lapsed.flatMap((id) => (byId.get(id)?.relayUp ? `${rows.get(id)?.name ?? id} is gone` : []))
    apply(() => [...netmap.setTime(now), ...refresh(lapsed)], new Map(), gone.length > 0 ? joined(gone) : 'a key expired')
  }

  /** Takes relays away by quotas that are used up, and gives them back by those that have room again. */
  function limitByQuotas(): void {
    const { policy: before, now } = netmap.network()
    if (book.policy === before) return
    const { usedUp: earlier = [] }: LimitedPolicy = before
    const fresh = (book.policy.usedUp ?? []).filter((grant) => !earlier.includes(grant))
    const causes = fresh.map((grant) => `quota used up: line ${grant.line}, ${formatBytes(grantTerms(grant).quota ?? 0)} in ${monthName(now)}`)
    const cause = causes.length > 0 ? joined(causes) : 'a quota has room again'
    apply(() => netmap.setPolicy(book.policy), new Map(), cause)
    bus.publish('quota.changed', { cause })
  }

  /** Nodes whose row did not change, but their presence. */
  function refresh(ids: readonly number[]): number[] {
    const known = ids.flatMap((id) => rows.get(id) ?? [])
    return known.length === 0 ? [] : putNodes(known)
  }

  function putNodes(nodes: readonly StoredNode[], removed: ReadonlySet<number> = new Set()): number[] {
    return netmap.update(nodes.map(netNode), removed)
  }

  async function take(changes: readonly Change[]): Promise<void> {
    const ids = new Set(changes.flatMap((change) => (change.type === 'node' ? [change.nodeId] : [])))
    const newPolicy = changes.some(({ type }) => type === 'policy') ? await load.policy() : undefined
    const newNames = changes.some(({ type }) => type === 'names') ? await load.names() : undefined
    const found = changes.some(({ type }) => type === 'all') ? await load.nodes() : ids.size === 0 ? [] : await load.nodesById([...ids])
    const foundIds = new Set(found.map(({ id }) => id))
    const removed = new Set([...ids].filter((id) => !foundIds.has(id)))
    /** Whose relay settings may be others: they are told by their own channel alone. */
    const touched = new Map<number, string>()
    for (const change of changes) if (change.type === 'node' && change.isRelay && foundIds.has(change.nodeId)) touched.set(change.nodeId, change.cause)
    const causes = [...new Set(changes.map(({ cause }) => cause))]
    for (const id of removed) {
      rows.delete(id)
      held.delete(id)
      presence.forget(id)
    }
    for (const node of found) rows.set(node.id, node)
    const isNewPolicy = newPolicy !== undefined && newPolicy.version !== version
    if (isNewPolicy) {
      policy = parsed(newPolicy.text)
      book.setPolicy(compilePolicy(policy))
      version = newPolicy.version
    }
    apply(() => {
      const time = netmap.setTime(clock.now())
      return [...time, ...(isNewPolicy ? netmap.setPolicy(book.policy) : []), ...(newNames === undefined ? [] : netmap.setNames(newNames)), ...(found.length + removed.size === 0 ? [] : putNodes(found, removed))]
    }, touched, joined(causes))
  }

  const queue = new ChangeQueue(take, onError)
  const moved = new Batch((nodes) => apply(() => refresh([...nodes.keys()]), new Map(), joined([...nodes.values()])))
  const stops = [
    bus.subscribe('node.changed', ({ nodeId, cause }) => queue.add({ type: 'node', nodeId, cause, isRelay: false })),
    bus.subscribe('node.removed', ({ nodeId, cause }) => queue.add({ type: 'node', nodeId, cause, isRelay: false })),
    bus.subscribe('relay.changed', ({ nodeId, cause }) => queue.add({ type: 'node', nodeId, cause, isRelay: true })),
    bus.subscribe('policy.changed', ({ cause }) => queue.add({ type: 'policy', cause })),
    bus.subscribe('setting.changed', ({ key }) => {
      if (key === dnsSettingKey) queue.add({ type: 'names', cause: 'names or DNS settings changed' })
    }),
    // Whose machines they own, and in which role, decides too.
    bus.subscribe('person.changed', () => queue.add({ type: 'all', cause: 'a person changed' })),
    // Without the database: what a relay's clients are told must not wait for it.
    bus.subscribe('node.presence', ({ nodeId, online }) => {
      presence.set(nodeId, online, clock.now())
      const name = rows.get(nodeId)?.name
      if (name !== undefined) moved.add(nodeId, `${name} is ${online ? 'connected' : 'disconnected'}`)
    }),
  ]
  index()
  arm()

  return {
    view: (nodeId) => netmap.view(nodeId),
    network: () => netmap.network(),
    node: (nodeId) => byId.get(nodeId),
    nodeByKey: (nodeKey) => byKey.get(nodeKey),
    relayConfig(nodeId) {
      const relay = rows.get(nodeId)?.relay
      if (relay === undefined) return undefined
      const { state: _, ...config } = relay
      return config
    },
    clientLimits(nodeId) {
      const view = netmap.view(nodeId)
      if (view === undefined || view.serves.length === 0) return []
      return relayLimits(netmap.network().policy, view.self, view.serves.flatMap((id) => byId.get(id) ?? []))
    },
    isOnline: (nodeId) => presence.isOnline(nodeId),
    offlineSince: (nodeId) => presence.offlineSince(nodeId),
    policy: () => policy,
    quotas: liveQuotas({ book, clock, node: (id) => byId.get(id), onChange: limitByQuotas }),
    isRelayHeld: (nodeId) => held.has(nodeId),
    holdRelay(nodeId, isHeld, cause) {
      if (held.has(nodeId) === isHeld || !rows.has(nodeId)) return
      if (isHeld) held.add(nodeId)
      else held.delete(nodeId)
      apply(() => refresh([nodeId]), new Map(), cause)
    },
    setDerpRegions(regions, cause = 'the DERP server changed') {
      apply(() => netmap.setDerpRegions(regions), new Map(), cause)
    },
    async settled() {
      moved.flush()
      await queue.settled()
    },
    taken: () => queue.settled(),
    dispose() {
      isDisposed = true
      clearTimeout(timer)
      queue.dispose()
      moved.dispose()
      for (const stop of stops) stop()
    },
  }
}

