import type { AddrPort } from '../lib/addr-port.ts'
import type { Clock, Millis } from '../lib/clock.ts'
import type { NodeKey } from '../protocol/keys.ts'
import { isStun } from '../protocol/stun/message.ts'
import type { DataPlane } from './dataplane/index.ts'
import type { Relay, RelayCommand, RelayConfig, SessionInfo } from './relay/index.ts'

/** Changes of a burst share one write; kill -9 loses no more than this: for a client whose bind is lost, 6.5 s of silence. */
const saveDelayMs = 20
/** A state of many thousand endpoints takes long to write, and nothing is forwarded meanwhile: writing gets 1/20 of the time. What changes after a quiet time does not wait for that. */
const saveShare = 20
/** Forwarding happens below the core: its activity is fed to it at least this often. */
const longestSleepMs = 500

export interface EventLoopOptions {
  readonly relay: Relay
  readonly plane: DataPlane
  readonly clock: Clock
  readonly sendDerp: (to: NodeKey, bytes: Uint8Array) => void
  readonly onStun: (bytes: Uint8Array, now: Millis) => void
  readonly onOpened: (session: SessionInfo) => void
  readonly onEnded: (session: SessionInfo, reason: string, at: Millis) => void
  /** Writes the core's state so that a crash leaves the old or the new; may throw (a full disk). */
  readonly save: (text: string) => void
  readonly onSaveError: (error: unknown) => void
  /** After every timeout of the core. */
  readonly onTick: (now: Millis) => void
}

export interface EventLoop {
  datagram(from: AddrPort, bytes: Uint8Array): void
  derpPacket(from: NodeKey, bytes: Uint8Array): void
  reconfigure(config: RelayConfig, cause: string): void
  /** Executes what the core queued before the loop was there (restored sessions), and starts its timer. */
  start(): void
  /** Writes what is unsaved and stops. */
  close(): void
}

/** Feeds the relay core and is the only executor of its commands. */
export function createEventLoop(options: EventLoopOptions): EventLoop {
  const { relay, plane, clock } = options
  let savedRevision = relay.revision
  let saveTimer: NodeJS.Timeout | undefined
  let lastSaveMs = 0
  let lastSavedAt = -Infinity
  let wakeTimer: NodeJS.Timeout | undefined
  let isClosed = false

  const save = (): void => {
    clearTimeout(saveTimer)
    saveTimer = undefined
    const { revision } = relay
    const begun = clock.now()
    try {
      options.save(JSON.stringify(relay.saved()))
      savedRevision = revision
    } catch (error) {
      options.onSaveError(error)
    }
    lastSavedAt = clock.now()
    lastSaveMs = lastSavedAt - begun
  }

  const execute = (command: RelayCommand): void => {
    switch (command.type) {
      case 'bindForward':
      case 'limitForward':
      case 'unbindForward':
        return plane.apply(command)
      case 'sendControl':
        return plane.sendControl(command.to, command.bytes)
      case 'sendDerp':
        return options.sendDerp(command.to, command.bytes)
      case 'sessionOpened':
        return options.onOpened(command.session)
      case 'sessionEnded':
        return options.onEnded(command.session, command.reason, command.at)
    }
  }

  const settle = (): void => {
    for (let command = relay.nextCommand(); command; command = relay.nextCommand()) execute(command)
    if (relay.revision === savedRevision || isClosed) return
    saveTimer ??= setTimeout(save, Math.max(saveDelayMs, lastSavedAt + saveShare * lastSaveMs - clock.now()))
  }

  const wake = (): void => {
    const now = clock.now()
    relay.handleActivity(plane.readActivity(), now)
    relay.handleTimeout(now)
    settle()
    options.onTick(now)
    arm()
  }

  const arm = (): void => {
    clearTimeout(wakeTimer)
    if (isClosed) return
    const now = clock.now()
    wakeTimer = setTimeout(wake, Math.max(1, Math.min(relay.pollTimeout() - now, longestSleepMs)))
  }

  return {
    datagram(from, bytes) {
      const now = clock.now()
      if (isStun(bytes)) return options.onStun(bytes, now)
      const to = relay.handleDatagram(from, bytes, now)
      if (to) plane.sendControl(to, bytes)
      settle()
    },
    derpPacket(from, bytes) {
      relay.handleDerpPacket(from, bytes, clock.now())
      settle()
    },
    reconfigure(config, cause) {
      const now = clock.now()
      relay.reconfigure(config, cause, now)
      settle()
      arm()
    },
    start() {
      settle()
      save()
      arm()
    },
    close() {
      isClosed = true
      clearTimeout(wakeTimer)
      save()
    },
  }
}
