import type { AddrPort } from '../../lib/addr-port.ts'
import type { Millis, RandomBytes } from '../../lib/clock.ts'
import { createSharedKeys, keyPairFrom } from '../../protocol/disco/index.ts'
import { formatKey, type DiscoKey, type NodeKey } from '../../protocol/keys.ts'
import { handleDerpPacket } from './allocate.ts'
import { createAllocationStore, liveSession } from './allocation.ts'
import { lamportSkip, macRotation, sweepInterval } from './constants.ts'
import { handleDatagram } from './datagram.ts'
import { endGently, enforce, finishDrains, sweep } from './lifecycle.ts'
import { tellLimits } from './limits.ts'
import { createSecrets, rotateSecrets } from './mac.ts'
import { knownNodes } from './network.ts'
import { createSourceRate } from './rate.ts'
import { zeroCounters, type DropCounters } from './reasons.ts'
import { restoreAllocation, savedBytes, saveState, type SavedRelay } from './saved.ts'
import type { RelayState } from './state.ts'
import type { Activity, LiveSession, Refusal, RelayCommand, RelayConfig } from './types.ts'

export interface RelayOptions {
  readonly randomBytes: RandomBytes
  readonly config: RelayConfig
  /** What `saved()` gave before: sessions go on, and their `bindForward`s are queued again. */
  readonly saved?: SavedRelay | undefined
  /** The node's disco private key, where the caller keeps it; else the saved one, else a new one. */
  readonly nodeDisco?: Uint8Array | undefined
  readonly now: Millis
}

/**
 * The relay server as a value: datagrams, DERP packets, settings and time go in; a forward comes back at once, all else
 * as commands. `now` is milliseconds since the epoch and should not jump: keys expire and sessions end by it.
 */
export interface Relay {
  /** Requests are sealed to it; what the network must be told as this node's disco key. */
  readonly nodeDiscoKey: DiscoKey
  /** Grows whenever `saved()` would differ in what a restart needs. */
  readonly revision: number
  /** Off: nothing left; draining: switched off, sessions are leaving. */
  readonly state: 'off' | 'draining' | 'relaying'
  /** Endpoints allocated now. */
  readonly endpoints: number
  /** Where to forward the datagram unchanged, or undefined. A data plane forwards by itself and passes up only the rest. */
  handleDatagram(from: AddrPort, bytes: Uint8Array, now: Millis): AddrPort | undefined
  handleDerpPacket(source: NodeKey, bytes: Uint8Array, now: Millis): void
  /** Sessions that the new configuration does not let stand end at once, with `cause` as their reason. */
  reconfigure(config: RelayConfig, cause: string, now: Millis): void
  /** Ends all sessions gently (before a port change or a shutdown); new ones are taken while enabled. */
  drain(cause: string, now: Millis): void
  /** What the data plane forwarded, before `handleTimeout`, or live sessions would expire. */
  handleActivity(activity: Iterable<Activity>, now: Millis): void
  handleTimeout(now: Millis): void
  /** When to call `handleTimeout` next. */
  pollTimeout(): Millis
  nextCommand(): RelayCommand | undefined
  sessions(): LiveSession[]
  counters(): Readonly<DropCounters>
  /** The last refused requests, oldest first. */
  refusals(): readonly Refusal[]
  saved(): SavedRelay
}

export function createRelay(options: RelayOptions): Relay {
  const state = initialState(options)
  return {
    nodeDiscoKey: formatKey('discokey', state.nodeDisco.publicKey),
    get revision() { return state.revision },
    get endpoints() { return state.allocations.size },
    get state() { return state.config.enabled ? 'relaying' : state.allocations.size > 0 ? 'draining' : 'off' },
    handleDatagram: (from, bytes, now) => handleDatagram(state, from, bytes, now),
    handleDerpPacket: (source, bytes, now) => handleDerpPacket(state, source, bytes, now),
    reconfigure(config, cause, now) {
      state.config = config
      state.known = knownNodes(config)
      enforce(state, cause, now)
      for (const allocation of state.allocations.all()) tellLimits(state, allocation)
      if (!config.enabled) drainAll(state, cause, now)
    },
    drain: (cause, now) => drainAll(state, cause, now),
    handleActivity: (activity, now) => noteActivity(state, activity, now),
    handleTimeout: (now) => handleTimeout(state, now),
    pollTimeout: () => Math.min(state.nextSweep, state.nextDrainEnd, state.nextExpiry, state.secrets.rotatedAt + macRotation),
    nextCommand: () => nextCommand(state),
    sessions: () => [...state.allocations.all()].map(liveSession).filter((session) => session !== undefined),
    counters: () => state.counters,
    refusals: () => state.refusals,
    saved: () => saveState(state),
  }
}

/** By an index, not `shift`: a change of policy may queue a command for each of 65,536 endpoints. */
function nextCommand(state: RelayState): RelayCommand | undefined {
  const command = state.commands[state.nextCommand++]
  if (command === undefined) {
    state.commands.length = 0
    state.nextCommand = 0
  }
  return command
}

function initialState({ randomBytes: random, config, saved, nodeDisco, now }: RelayOptions): RelayState {
  const nodePair = keyPairFrom(nodeDisco ?? (saved ? savedBytes(saved.nodeDisco) : random(32)))
  const secrets = createSecrets(random, now)
  if (saved) {
    const [current, previous] = saved.macSecrets.map(savedBytes)
    if (current) secrets.current = current
    secrets.previous = previous
    secrets.rotatedAt = Math.min(now, saved.rotatedAt)
  }
  const salt = random(4)
  const state: RelayState = {
    random,
    serverDisco: keyPairFrom(saved ? savedBytes(saved.serverDisco) : random(32)),
    nodeDisco: nodePair,
    nodeShared: createSharedKeys(nodePair.privateKey),
    secrets,
    allocations: createAllocationStore(saved?.nextVni ?? 1),
    rate: createSourceRate(new DataView(salt.buffer, salt.byteOffset).getUint32(0)),
    counters: zeroCounters(),
    lamportId: saved ? BigInt(saved.lamportId) + lamportSkip : 0n,
    config,
    known: knownNodes(config),
    nextExpiry: Infinity,
    nextSweep: now + sweepInterval,
    nextDrainEnd: Infinity,
    ended: new Map(),
    refusals: [],
    commands: [],
    nextCommand: 0,
    revision: 0,
  }
  if (saved) restore(state, saved, now)
  enforce(state, 'Changed while the relay was away', now)
  if (!config.enabled) drainAll(state, 'The relay is turned off', now)
  return state
}

function restore(state: RelayState, saved: SavedRelay, now: Millis): void {
  for (const entry of saved.allocations) {
    const allocation = restoreAllocation(entry, now)
    state.allocations.add(allocation)
    for (const leg of [0, 1] as const) {
      const addr = allocation.legs[leg].bound
      if (addr) state.commands.push({ type: 'bindForward', vni: allocation.vni, leg, addr })
    }
    tellLimits(state, allocation)
    if (!allocation.draining) continue
    state.nextDrainEnd = Math.min(state.nextDrainEnd, allocation.draining.until)
    state.commands.push({ type: 'unbindForward', vni: allocation.vni, gentle: true })
  }
}

function drainAll(state: RelayState, cause: string, now: Millis): void {
  for (const allocation of [...state.allocations.all()]) endGently(state, allocation, cause, now)
}

function noteActivity(state: RelayState, activity: Iterable<Activity>, now: Millis): void {
  for (const { vni, packets } of activity) {
    const allocation = state.allocations.get(vni)
    if (!allocation) continue
    for (const index of [0, 1] as const) {
      const leg = allocation.legs[index]
      if (leg.packets === packets[index]) continue
      leg.packets = packets[index]
      leg.seen = now
    }
  }
}

function handleTimeout(state: RelayState, now: Millis): void {
  if (rotateSecrets(state.secrets, state.random, now)) state.revision++
  if (now >= state.nextDrainEnd) finishDrains(state, now)
  if (now >= state.nextExpiry) enforce(state, 'A key has expired', now)
  if (now >= state.nextSweep) sweep(state, now)
}
