import { formatAddrPort } from '../lib/addr-port.ts'
import type { RelayStatus } from '../protocol/channel/index.ts'
import type { AdvertisedAddress } from './addresses/index.ts'
import type { DataPlaneState } from './dataplane/index.ts'
import type { SwitchPhase } from './relay-switch.ts'

export interface StatusInputs {
  readonly phase: SwitchPhase
  readonly plane: { readonly name: string; readonly state: DataPlaneState }
  readonly addresses: readonly AdvertisedAddress[]
  readonly sessions: number
  readonly requestedPort: number | undefined
  /** Bits a second of one session. */
  readonly sessionRate: number | undefined
  readonly skewMs: number
}

/** A clock that is off by more is named: key expiry and certificates are judged by it. */
const skewWorthSaying = 60_000

/** `''` when the clocks agree. */
export function skewText(skewMs: number): string {
  if (Math.abs(skewMs) < skewWorthSaying) return ''
  const minutes = Math.round(Math.abs(skewMs) / 60_000)
  const amount = minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
  return `This machine’s clock is ${amount} ${skewMs > 0 ? 'behind' : 'ahead of'} the control plane’s: `
    + 'key expiry is judged by the control plane’s clock, certificate dates by this one'
}

/** What is reported of the relay as it is, and shown beside its switch. */
export function relayStatus({ phase, plane, addresses, sessions, requestedPort, sessionRate, skewMs }: StatusInputs): RelayStatus {
  const isBound = phase.name === 'relaying' || phase.name === 'draining'
  const notes = [
    phase.name === 'cannot' ? phase.text : '',
    phase.name === 'relaying' && addresses.length === 0 ? 'No address to advertise yet' : '',
    isBound && plane.state.state === 'bound' ? plane.state.text : '',
    skewText(skewMs),
  ].filter((note) => note !== '')
  return {
    state: phase.name === 'closing' ? 'draining' : phase.name,
    text: notes.join('. ').slice(0, 300),
    port: 'port' in phase ? phase.port : null,
    addresses: isBound ? addresses.map(({ address, source }) => ({ address: formatAddrPort(address), source })) : [],
    sessions,
    dataplane: plane.name,
    ...(plane.state.state === 'bound' && plane.state.buffers !== undefined && { buffers: plane.state.buffers }),
    ...(plane.state.state === 'bound' && plane.state.workers !== undefined && { workers: plane.state.workers }),
    ...(sessionRate !== undefined && { sessionRate }),
    ...(requestedPort !== undefined && { requestedPort }),
  }
}
