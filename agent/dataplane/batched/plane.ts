import type { AddrPort } from '../../../lib/addr-port.ts'
import { bindFailureText } from '../bind-sockets.ts'
import type { DataPlane, DataPlaneState, OnControl } from '../contract.ts'
import { arenaOf, loadLibc } from './libc.ts'
import { linux, sizes } from './linux.ts'
import { openSocket } from './open-socket.ts'
import { createWorkerMemory, signal, total } from './shared.ts'
import { createSlots } from './slots.ts'
import { decodeSockaddr, encodeSockaddr } from './sockaddr.ts'
import { startWorker, type WorkerThread } from './worker-thread.ts'

/** The most bytes of a control message that leaves through this plane. */
const controlRoom = 65_536

/** A worker that dies again at once is not replaced in a busy loop. */
const restartDelayMs = 100

export interface BatchedOptions {
  /** The system calls' binary (`native.ts`). */
  readonly nativePath: string
  /** A worker died and is replaced; a text for the log. */
  readonly onWorkerDeath?: (why: string) => void
}

export interface BatchedPlane extends DataPlane {
  /** Ends the worker as a bug in it would; for tests. */
  killWorker(): Promise<void>
}

/**
 * The fast plane of Linux: a worker thread waits in `recvmmsg` on one socket of both families, with what the kernel
 * merged (UDP GRO), and sends each destination's datagrams in one piece (UDP GSO). The main thread has the socket, so
 * that it outlives a worker, and sends control messages on it by itself. Throws where the binary does not load.
 */
export function createBatchedPlane(onControl: OnControl, { nativePath, onWorkerDeath }: BatchedOptions): BatchedPlane {
  const libc = loadLibc(nativePath)
  const memory = createWorkerMemory()
  const slots = createSlots(new Float64Array(memory.counters))
  const totals = new Float64Array(memory.totals)
  const outgoing = arenaOf(libc, controlRoom + 32)
  const ownTotals = { packetsOut: 0, bytesOut: 0, congestionDrops: 0 }
  let socket: { readonly fd: number; worker: WorkerThread } | undefined
  let restart: NodeJS.Timeout | undefined
  let state: DataPlaneState = { state: 'stopped' }

  const launch = (fd: number): WorkerThread => {
    const worker = startWorker({
      nativePath, fd, memory,
      onControl(datagrams) {
        for (const { from, bytes } of datagrams) onControl(decodeSockaddr(from), bytes)
      },
      onDeath(why) {
        onWorkerDeath?.(why)
        restart = setTimeout(() => { if (socket?.fd === fd) socket.worker = launch(fd) }, restartDelayMs)
      },
    })
    for (const command of slots.all()) worker.tell(command)
    return worker
  }

  /** A thread that waits in the kernel cannot be joined: without this the process would not end. */
  const wake = (): void => {
    if (!socket) return
    Atomics.store(new Int32Array(memory.signals), signal.stop, 1)
    libc.shutdown(socket.fd, linux.SHUT_RDWR)
  }

  return {
    name: 'batched',
    get state() { return state },
    async start(port) {
      if (socket) return state
      const opened = openSocket(libc, port)
      if (!opened.ok) {
        state = { state: 'failed', text: await bindFailureText(port, opened.unsupported ?? opened.code) }
        return state
      }
      socket = { fd: opened.fd, worker: launch(opened.fd) }
      process.once('exit', wake)
      await socket.worker.ready
      // Closed meanwhile.
      if (socket?.fd !== opened.fd) return state
      state = { state: 'bound', port: opened.port, families: ['IPv4', 'IPv6'], text: '' }
      return state
    },
    apply(command) {
      const told = slots.apply(command)
      if (told && socket?.worker.isRunning) socket.worker.tell(told)
    },
    readActivity: slots.readActivity,
    readCounters: slots.readCounters,
    totals: () => ({
      packetsIn: totals[total.packetsIn] ?? 0, bytesIn: totals[total.bytesIn] ?? 0,
      packetsOut: (totals[total.packetsOut] ?? 0) + ownTotals.packetsOut, bytesOut: (totals[total.bytesOut] ?? 0) + ownTotals.bytesOut,
      congestionDrops: (totals[total.congestionDrops] ?? 0) + (totals[total.controlDrops] ?? 0) + ownTotals.congestionDrops,
      socketErrors: totals[total.socketErrors] ?? 0,
    }),
    sendControl(to: AddrPort, bytes: Uint8Array) {
      const address = encodeSockaddr(to)
      if (!socket || !address || bytes.length > controlRoom) return
      outgoing.bytes.set(address)
      outgoing.bytes.set(bytes, 32)
      const sent: number = libc.sendto(socket.fd, outgoing.address + 32, bytes.length, linux.MSG_DONTWAIT, outgoing.address, sizes.sockaddrIn6)
      if (sent >= 0) {
        ownTotals.packetsOut++
        ownTotals.bytesOut += bytes.length
      } else if (libc.errno() === linux.EAGAIN) ownTotals.congestionDrops++
    },
    async close() {
      const open = socket
      clearTimeout(restart)
      state = { state: 'stopped' }
      if (!open) return
      process.removeListener('exit', wake)
      if (open.worker.isRunning) await open.worker.stop(wake)
      socket = undefined
      libc.close(open.fd)
    },
    async killWorker() {
      await socket?.worker.kill()
    },
  }
}
