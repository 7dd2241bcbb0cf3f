import { compareBytes, equalBytes } from '../../lib/bytes.ts'
import type { Millis } from '../../lib/clock.ts'
import { fail, ok, type Result } from '../../lib/result.ts'
import {
  decodeDisco, discoSender, encodeDisco, looksLikeDisco, openDisco, sealDisco, type AllocateRequest,
} from '../../protocol/disco/index.ts'
import { formatKey, type DiscoKey, type NodeKey } from '../../protocol/keys.ts'
import { newLeg, type Allocation } from './allocation.ts'
import { bindLifetime, maxRefusals, nanosecondsPerMilli, steadyStateLifetime } from './constants.ts'
import { familyOfPair, hasExpired, isOfFamily } from './network.ts'
import type { AllocationReason } from './reasons.ts'
import type { RelayState } from './state.ts'
import type { RelayNode } from './types.ts'

/** A packet over DERP: a sealed AllocateUDPRelayEndpointRequest is answered by `sendDerp`, or refused with a reason (spec section 3). */
export function handleDerpPacket(state: RelayState, source: NodeKey, packet: Uint8Array, now: Millis): void {
  const request = readRequest(state, packet)
  if (!request.ok) return refuse(state, request.reason, source, undefined, now)
  const sender = discoSender(packet)
  const { clientDisco, generation } = request.value
  const peer = otherClient(clientDisco, sender)
  const allocation = allocate(state, source, sender, peer, now)
  if (!allocation.ok) return refuse(state, allocation.reason, source, peer && formatKey('discokey', peer), now)
  const shared = state.nodeShared(sender)
  if (!shared) return
  const [first, second] = allocation.value.legs
  const family = familyOfPair(state.config, state.known, [first.client, second.client])
  const response = encodeDisco({
    type: 'allocate-response',
    generation,
    endpoint: {
      serverDisco: state.serverDisco.publicKey,
      clientDisco: [first.disco, second.disco],
      lamportId: allocation.value.lamportId,
      vni: allocation.value.vni,
      bindLifetimeNs: BigInt(bindLifetime) * nanosecondsPerMilli,
      steadyStateLifetimeNs: BigInt(steadyStateLifetime) * nanosecondsPerMilli,
      addrPorts: state.config.addresses.filter((address) => isOfFamily(address, family)),
    },
  })
  state.commands.push({ type: 'sendDerp', to: source, bytes: sealDisco(state.nodeDisco.publicKey, shared, state.random(24), response) })
}

function readRequest(state: RelayState, packet: Uint8Array): Result<AllocateRequest, AllocationReason> {
  if (!looksLikeDisco(packet)) return fail('allocate-not-disco')
  const shared = state.nodeShared(discoSender(packet))
  const opened = shared && openDisco(shared, packet)
  if (!opened?.ok) return fail('allocate-not-opened')
  const message = decodeDisco(opened.value)
  if (!message.ok) return fail(`allocate-${message.reason}`)
  return message.value.type === 'allocate-request' ? ok(message.value) : fail('allocate-unexpected-message')
}

/** The client of the pair that is not the sender; undefined when the sender is none of them, or both. */
function otherClient(pair: readonly [Uint8Array, Uint8Array], sender: Uint8Array): Uint8Array | undefined {
  const [first, second] = [equalBytes(pair[0], sender), equalBytes(pair[1], sender)]
  if (first === second) return undefined
  return first ? pair[1] : pair[0]
}

/** The pair's allocation, existing or new; the checks of spec section 3 in its order. */
function allocate(
  state: RelayState, source: NodeKey, sender: Uint8Array, peer: Uint8Array | undefined, now: Millis,
): Result<Allocation, AllocationReason> {
  const { config, known, allocations } = state
  if (!config.enabled) return fail('allocate-off')
  const node = known.byNodeKey.get(source)
  if (!node) return fail('allocate-unknown-source')
  if (hasExpired(node, now)) return fail('allocate-expired-source')
  if (formatKey('discokey', sender) !== node.discoKey.toLowerCase()) return fail('allocate-wrong-disco-key')
  if (!peer) return fail('allocate-not-a-party')
  if (equalBytes(peer, state.serverDisco.publicKey)) return fail('allocate-server-key')
  const other = known.byDiscoKey.get(formatKey('discokey', peer))
  if (!other) return fail('allocate-unknown-peer')
  if (hasExpired(other, now)) return fail('allocate-expired-peer')
  if (!known.granted.has(node.id)) return fail('allocate-not-granted')
  if (config.addresses.length === 0) return fail('allocate-no-address')
  const family = familyOfPair(config, known, [node, other])
  if (!config.addresses.some((address) => isOfFamily(address, family))) return fail('allocate-no-family-address')
  const legs = sortedLegs([sender, node], [peer, other], now)
  const existing = allocations.ofPair(`${legs[0].client.discoKey} ${legs[1].client.discoKey}`)
  if (existing) return ok(existing)
  if (allocations.countAskedBy(node.id) >= (config.clientLimits?.get(node.id)?.maxSessions ?? Infinity)) return fail('allocate-session-limit')
  const vni = allocations.size < config.limits.maxEndpoints ? allocations.takeVni() : undefined
  if (vni === undefined) return fail('allocate-limit')
  const allocation: Allocation = { vni, lamportId: ++state.lamportId, createdAt: now, legs, askedBy: node.id, openedAt: undefined, draining: undefined }
  allocations.add(allocation)
  state.ended.delete(vni)
  state.revision++
  return ok(allocation)
}

function sortedLegs(a: readonly [Uint8Array, RelayNode], b: readonly [Uint8Array, RelayNode], now: Millis): Allocation['legs'] {
  const leg = ([disco, { id, name }]: readonly [Uint8Array, RelayNode]) =>
    newLeg(disco.slice(), { id, name, discoKey: formatKey('discokey', disco) }, now)
  return compareBytes(a[0], b[0]) <= 0 ? [leg(a), leg(b)] : [leg(b), leg(a)]
}

function refuse(state: RelayState, reason: AllocationReason, source: NodeKey, peer: DiscoKey | undefined, now: Millis): void {
  state.counters[reason]++
  state.refusals.push({ at: now, reason, source, ...(peer && { peer }) })
  if (state.refusals.length > maxRefusals) state.refusals.shift()
}
