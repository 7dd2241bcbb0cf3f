import type { TLSSocket } from 'node:tls'
import type { Clock, RandomBytes } from '../../lib/clock.ts'
import type { DerpRegion } from '../../protocol/channel/index.ts'
import type { NodeKey } from '../../protocol/keys.ts'
import type { NodeKeys } from '../config.ts'
import { DerpMachine, type DerpClientCommand, type DerpClientStats, type DerpState } from './machine.ts'
import { openStream } from './stream.ts'

/** Frames are gathered to this size: a TLS record each would cost more than the copy. */
const batchBytes = 64 * 1024

export interface DerpClientOptions {
  /** Undefined: none is known yet; see `update`. */
  readonly region: DerpRegion | undefined
  readonly keys: Pick<NodeKeys, 'node'>
  readonly clock: Clock
  readonly random: RandomBytes
  readonly onPacket: (from: NodeKey, bytes: Uint8Array) => void
  readonly onState?: ((state: DerpState) => void) | undefined
  /** A peer to which we sent is not (`reason` 1) or no longer (0) connected to this server. */
  readonly onPeerGone?: ((peer: NodeKey, reason: number) => void) | undefined
  readonly onLog?: ((text: string) => void) | undefined
}

export interface DerpClient {
  readonly state: DerpState
  readonly connected: boolean
  send(to: NodeKey, bytes: Uint8Array): void
  /** The view's region or its pins changed; a good connection to the same server is kept. */
  update(region: DerpRegion | undefined): void
  stats(): DerpClientStats
  /** For good. What was sent before is written first, within a second. */
  close(): Promise<void>
}

/** Connects at once and again after each loss, until `close`. */
export function createDerpClient(options: DerpClientOptions): DerpClient {
  const { clock, random, keys } = options
  const machine = new DerpMachine({ secret: keys.node.secret, public: keys.node.public, random })
  let socket: TLSSocket | undefined
  let isOpen = false
  let timer: NodeJS.Timeout | undefined

  function run(commands: readonly DerpClientCommand[]): void {
    for (const command of commands) execute(command)
    clearTimeout(timer)
    const at = machine.wakeAt
    if (at !== Infinity) timer = setTimeout(() => run(machine.tick(clock.now())), Math.max(0, at - clock.now()))
  }

  function execute(command: DerpClientCommand): void {
    switch (command.type) {
      case 'connect':
        return open(command.region)
      case 'close':
        socket?.destroy()
        socket = undefined
        return
      case 'writable':
        return pump()
      case 'packet':
        return options.onPacket(command.from, command.bytes)
      case 'peer-gone':
        return options.onPeerGone?.(command.peer, command.reason)
      case 'state':
        return options.onState?.(command.state)
      case 'log':
        return options.onLog?.(command.text)
    }
  }

  function open(region: DerpRegion): void {
    isOpen = false
    const opened = openStream(region, {
      onOpen() {
        isOpen = true
        if (socket === opened) pump()
      },
      onData(bytes) {
        if (socket === opened) run(machine.received(bytes, clock.now()))
      },
      onDrain() {
        if (socket === opened) pump()
      },
      onClose(text) {
        if (socket !== opened) return
        socket = undefined
        run(machine.closed(text, clock.now()))
      },
    })
    socket = opened
  }

  function pump(): void {
    if (!socket || !isOpen) return
    while (!socket.writableNeedDrain) {
      const frames: Uint8Array[] = []
      let gathered = 0
      for (let frame = machine.next(clock.now()); frame; frame = gathered < batchBytes ? machine.next(clock.now()) : undefined) {
        frames.push(frame)
        gathered += frame.length
      }
      const [only] = frames
      if (!only) return
      socket.write(frames.length === 1 ? only : Buffer.concat(frames))
    }
  }

  run(machine.update(options.region, clock.now()))
  return {
    get state() { return machine.state },
    get connected() { return machine.state.name === 'connected' },
    send(to, bytes) {
      for (const command of machine.send(to, bytes, clock.now())) execute(command)
    },
    update: (region) => run(machine.update(region, clock.now())),
    stats: () => machine.stats(),
    async close() {
      pump()
      const last = socket
      socket = undefined
      run(machine.stop())
      if (!last || last.destroyed) return
      await new Promise<void>((resolve) => {
        const late = setTimeout(() => last.destroy(), 1000)
        last.once('close', () => {
          clearTimeout(late)
          resolve()
        })
        if (isOpen) last.end(() => last.destroy())
        else last.destroy()
      })
    },
  }
}
