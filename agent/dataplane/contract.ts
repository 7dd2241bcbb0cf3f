import type { AddrPort } from '../../lib/addr-port.ts'
import type { Activity, ForwardCommand } from '../relay/index.ts'

/** How it stands with the port. `text` is for the relay's page: why it failed, or what is missing though it is bound. `workers`: threads of its own; absent: none. */
export type DataPlaneState =
  | { readonly state: 'stopped' }
  | { readonly state: 'bound'; readonly port: number; readonly families: readonly ('IPv4' | 'IPv6')[]; readonly text: string; readonly buffers?: SocketBuffers; readonly workers?: number }
  | { readonly state: 'failed'; readonly text: string }

/** Bytes of the kernel's buffers, of each socket. */
export interface SocketBuffers {
  readonly asked: number
  readonly receive: number
  readonly send: number
}

/** One session's traffic by source leg (0: client A), forwarded only; grows from the first bind to the last unbind. */
export interface SessionTraffic extends Activity {
  readonly bytes: readonly [number, number]
  /** Datagrams larger than the MTU of the way to the other leg, by source leg: they went on in fragments. Absent: none. */
  readonly tooBig?: readonly [number, number]
  /** Unbound since the last read: these are its last figures, given once. */
  readonly ended: boolean
}

/** All UDP payload through the relay's port since the process started. */
export interface PlaneTotals {
  readonly packetsIn: number
  readonly bytesIn: number
  readonly packetsOut: number
  readonly bytesOut: number
  /** Not sent, as the system took no more. */
  readonly congestionDrops: number
  /** Came while the receive buffer was full: the machine was too slow. 0 also where the system does not tell. */
  readonly kernelDrops: number
  /** Not forwarded and not looked at: there were too many of these at once. */
  readonly controlDrops: number
  /** More than a session, or its client, may send. */
  readonly rateDrops: number
  /** Of sessions that sent more than their part while more came than could be handled. */
  readonly shareDrops: number
  /** Larger than the way to the other leg takes: they went on in fragments. 0 also where the plane does not know. */
  readonly tooBig: number
  readonly socketErrors: number
}

/** What is not forwarded goes up to `relay.handleDatagram`. The bytes are the receiver's to keep. */
export type OnControl = (from: AddrPort, bytes: Uint8Array) => void

/**
 * Moves datagrams between bound legs. Every plane obeys the same commands and passes the same contract suite
 * (tests/contract). Nothing that comes from the network throws or stops a plane.
 */
export interface DataPlane {
  readonly name: string
  readonly state: DataPlaneState
  /** Binds both families on one port; 0 lets the system choose. Again after `close` or a failure: sessions are kept. */
  start(port: number): Promise<DataPlaneState>
  apply(command: ForwardCommand): void
  /** Of bound sessions, for `relay.handleActivity`. */
  readActivity(): Activity[]
  /** Of bound sessions, and of those unbound since the last call. */
  readCounters(): SessionTraffic[]
  totals(): PlaneTotals
  sendControl(to: AddrPort, bytes: Uint8Array): void
  /** Frees the port; sessions and counters stay. */
  close(): Promise<void>
}
