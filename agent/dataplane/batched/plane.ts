import { availableParallelism } from 'node:os'
import type { AddrPort } from '../../../lib/addr-port.ts'
import { bindFailureText } from '../bind-sockets.ts'
import type { DataPlane, DataPlaneState, OnControl } from '../contract.ts'
import { createLaneMemory, openLane, type Lane } from './lane.ts'
import { arenaOf, loadLibc } from './libc.ts'
import { linux, sizes } from './linux.ts'
import { bufferNote, openSockets, readKernelDrops } from './open-socket.ts'
import { total } from './shared.ts'
import { createSlots } from './slots.ts'
import { encodeSockaddr } from './sockaddr.ts'

/** The most bytes of a control message that leaves through this plane. */
const controlRoom = 65_536

export const maxWorkers = 64

export interface BatchedOptions {
  /** The system calls' binary (`native.ts`). */
  readonly nativePath: string
  /** 1 to `maxWorkers`; absent: a core each, and one is left to the rest of the machine. */
  readonly workers?: number | undefined
  /** A worker died and is replaced; a text for the log. */
  readonly onWorkerDeath?: (why: string) => void
}

export interface BatchedPlane extends DataPlane {
  /** Datagrams that each worker received, from the process's start. */
  readonly workerPackets: () => readonly number[]
  /** Ends a worker as a bug in it would; for tests. */
  killWorker(index?: number): Promise<void>
}

/**
 * The fast plane of Linux: worker threads wait in `recvmmsg`, each on a socket of both families, with what the kernel
 * merged (UDP GRO), and send each destination's datagrams in one piece (UDP GSO). The kernel gives a datagram to the
 * worker of its VNI, so that both legs of a session meet in one; every worker knows every session, as the kernel steers
 * merged ones by their first. The main thread has the sockets, so that they outlive workers, and sends control messages
 * by itself. Throws where the binary does not load.
 */
export function createBatchedPlane(onControl: OnControl, options: BatchedOptions): BatchedPlane {
  const { nativePath, onWorkerDeath = () => undefined } = options
  const workers = Math.min(options.workers ?? Math.max(1, availableParallelism() - 1), maxWorkers)
  const libc = loadLibc(nativePath)
  const memories = Array.from({ length: workers }, createLaneMemory)
  const slots = createSlots(memories.map(({ slotCounters }) => slotCounters))
  const outgoing = arenaOf(libc, controlRoom + 32)
  const own = { packetsOut: 0, bytesOut: 0, congestionDrops: 0, kernelDrops: 0 }
  let lanes: readonly Lane[] = []
  let state: DataPlaneState = { state: 'stopped' }

  const sum = (which: number): number => memories.reduce((all, { slotTotals }) => all + (slotTotals[which] ?? 0), 0)
  const kernelDrops = (): number => own.kernelDrops + lanes.reduce((all, { fd }) => all + readKernelDrops(libc, fd), 0)
  /** Without this the process would not end: see `Lane.wake`. */
  const wakeAll = (): void => {
    for (const lane of lanes) lane.wake()
  }

  return {
    name: 'batched',
    get state() { return state },
    async start(port) {
      if (lanes.length > 0) return state
      const opened = openSockets(libc, port, workers)
      if (!opened.ok) {
        state = { state: 'failed', text: await bindFailureText(port, opened.unsupported ?? opened.code) }
        return state
      }
      const made = opened.fds.flatMap((fd, i) => {
        const memory = memories[i]
        return memory ? [openLane({ libc, nativePath, fd, memory, sessions: slots.all, onControl, onWorkerDeath })] : []
      })
      lanes = made
      process.once('exit', wakeAll)
      await Promise.all(made.map(({ ready }) => ready))
      // Closed meanwhile.
      if (lanes !== made) return state
      state = { state: 'bound', port: opened.port, families: ['IPv4', 'IPv6'], text: bufferNote(opened.buffers), buffers: opened.buffers }
      return state
    },
    apply(command) {
      const told = slots.apply(command)
      if (told) for (const lane of lanes) lane.tell(told)
    },
    readActivity: slots.readActivity,
    readCounters: slots.readCounters,
    totals: () => ({
      packetsIn: sum(total.packetsIn), bytesIn: sum(total.bytesIn),
      packetsOut: sum(total.packetsOut) + own.packetsOut, bytesOut: sum(total.bytesOut) + own.bytesOut,
      congestionDrops: sum(total.congestionDrops) + own.congestionDrops,
      controlDrops: sum(total.controlDrops), kernelDrops: kernelDrops(), socketErrors: sum(total.socketErrors),
    }),
    workerPackets: () => memories.map(({ slotTotals }) => slotTotals[total.packetsIn] ?? 0),
    sendControl(to: AddrPort, bytes: Uint8Array) {
      const address = encodeSockaddr(to)
      const [lane] = lanes
      if (!lane || !address || bytes.length > controlRoom) return
      outgoing.bytes.set(address)
      outgoing.bytes.set(bytes, 32)
      const sent: number = libc.sendto(lane.fd, outgoing.address + 32, bytes.length, linux.MSG_DONTWAIT, outgoing.address, sizes.sockaddrIn6)
      if (sent >= 0) {
        own.packetsOut++
        own.bytesOut += bytes.length
      } else if (libc.errno() === linux.EAGAIN) own.congestionDrops++
    },
    async close() {
      const open = lanes
      own.kernelDrops = kernelDrops()
      lanes = []
      state = { state: 'stopped' }
      process.removeListener('exit', wakeAll)
      await Promise.all(open.map((lane) => lane.close()))
    },
    async killWorker(index = 0) {
      await lanes[index]?.kill()
    },
  }
}
