import type { AddrPort } from '../../lib/addr-port.ts'
import { concatBytes, equalBytes } from '../../lib/bytes.ts'
import type { Millis } from '../../lib/clock.ts'
import {
  decodeDisco, discoSender, encodeDisco, looksLikeDisco, openDisco, sealDisco, sharedKey, type Bind, type BindAnswer,
} from '../../protocol/disco/index.ts'
import { encodeGeneve, headerBytes, protocolDisco } from '../../protocol/geneve/index.ts'
import { isOpen, sessionInfo, type Allocation } from './allocation.ts'
import { tellLimits } from './limits.ts'
import { challengeMac, macHolds } from './mac.ts'
import { familyOfPair, isOfFamily } from './network.ts'
import { drop, type RelayState } from './state.ts'
import type { Leg } from './types.ts'

/** Bind and Answer of the three-way handshake (spec section 4). The cheap checks come before the box is opened. */
export function handleHandshake(state: RelayState, allocation: Allocation, from: AddrPort, bytes: Uint8Array, now: Millis): void {
  const packet = bytes.subarray(headerBytes)
  if (!looksLikeDisco(packet)) return drop(state, 'not-disco')
  const sender = discoSender(packet)
  const index: Leg | undefined = equalBytes(sender, allocation.legs[0].disco) ? 0 : equalBytes(sender, allocation.legs[1].disco) ? 1 : undefined
  if (index === undefined) return drop(state, 'unknown-sender')
  const family = familyOfPair(state.config, state.known, allocation.legs.map(({ client }) => client))
  if (!isOfFamily(from, family)) return drop(state, 'wrong-family')
  if (!state.rate.take(from, state.config.limits.handshakesPerSourcePerSecond, now)) return drop(state, 'handshake-rate')
  const leg = allocation.legs[index]
  leg.shared ??= sharedKey(state.serverDisco.privateKey, leg.disco)
  const opened = leg.shared && openDisco(leg.shared, packet)
  if (!opened?.ok) return drop(state, 'not-opened')
  const decoded = decodeDisco(opened.value)
  if (!decoded.ok) return drop(state, `disco-${decoded.reason}`)
  const message = decoded.value
  if (message.type !== 'bind' && message.type !== 'bind-answer') return drop(state, 'unexpected-message')
  if (message.vni !== allocation.vni) return drop(state, 'vni-mismatch')
  if (!equalBytes(message.remoteDisco, allocation.legs[index === 0 ? 1 : 0].disco)) return drop(state, 'wrong-remote')
  if (message.generation === 0) return drop(state, 'zero-generation')
  if (message.type === 'bind') challenge(state, allocation, index, message, from)
  else bind(state, allocation, index, message, from, now)
}

function challenge(state: RelayState, allocation: Allocation, index: Leg, message: Bind, from: AddrPort): void {
  const leg = allocation.legs[index]
  if (!leg.shared) return
  leg.generation = message.generation
  const { vni, generation, remoteDisco } = message
  const mac = challengeMac(state.secrets.current, message, from)
  const inner = encodeDisco({ type: 'bind-challenge', vni, generation, remoteDisco, challenge: mac })
  const sealed = sealDisco(state.serverDisco.publicKey, leg.shared, state.random(24), inner)
  const bytes = concatBytes(encodeGeneve({ vni: allocation.vni, control: true, protocol: protocolDisco }), sealed)
  state.commands.push({ type: 'sendControl', to: from, bytes })
}

function bind(state: RelayState, allocation: Allocation, index: Leg, message: BindAnswer, from: AddrPort, now: Millis): void {
  const leg = allocation.legs[index]
  if (leg.generation !== message.generation) return drop(state, 'wrong-generation')
  if (!macHolds(state.secrets, message, from)) return drop(state, 'bad-mac')
  leg.generation = 0
  leg.seen = now
  leg.bound = { ip: from.ip, port: from.port }
  state.revision++
  state.commands.push({ type: 'bindForward', vni: allocation.vni, leg: index, addr: leg.bound })
  tellLimits(state, allocation)
  if (!isOpen(allocation) || allocation.openedAt !== undefined) return
  allocation.openedAt = now
  const session = sessionInfo(allocation)
  if (session) state.commands.push({ type: 'sessionOpened', session })
}
