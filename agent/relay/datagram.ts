import { sameAddrPort, type AddrPort } from '../../lib/addr-port.ts'
import type { Millis } from '../../lib/clock.ts'
import { classify, readVni } from '../../protocol/geneve/index.ts'
import { isOpen, type Allocation } from './allocation.ts'
import { handleHandshake } from './bind.ts'
import { drop, type RelayState } from './state.ts'

/** A datagram on the relay's port; the address to forward it to unchanged, or undefined. */
export function handleDatagram(state: RelayState, from: AddrPort, bytes: Uint8Array, now: Millis): AddrPort | undefined {
  const seen = classify(bytes)
  if (seen !== 'data' && seen !== 'probe' && seen !== 'control') return drop(state, seen)
  const vni = readVni(bytes)
  const allocation = state.allocations.get(vni)
  if (!allocation) {
    const ended = state.ended.get(vni)
    return drop(state, ended ? `ended-${ended}` : 'unknown-vni')
  }
  if (allocation.draining && seen !== 'data') return drop(state, 'draining')
  if (seen === 'control') {
    handleHandshake(state, allocation, from, bytes, now)
    return undefined
  }
  return forward(state, allocation, from, now)
}

function forward(state: RelayState, allocation: Allocation, from: AddrPort, now: Millis): AddrPort | undefined {
  if (!isOpen(allocation)) return drop(state, 'not-open')
  const [a, b] = allocation.legs
  const source = a.bound && sameAddrPort(a.bound, from) ? a : b
  if (!source.bound || !sameAddrPort(source.bound, from)) return drop(state, 'wrong-source')
  source.seen = now
  return source === a ? b.bound : a.bound
}
