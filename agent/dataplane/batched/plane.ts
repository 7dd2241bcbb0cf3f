import { availableParallelism } from 'node:os'
import type { AddrPort } from '../../../lib/addr-port.ts'
import { bindFailureText } from '../bind-sockets.ts'
import type { DataPlane, DataPlaneState, OnControl } from '../contract.ts'
import { maxWorkers } from '../options.ts'
import { createLaneMemory, openLane, type Lane } from './lane.ts'
import { createFragments } from './fragments.ts'
import { arenaOf, type Libc } from './libc.ts'
import { linux, sizes } from './linux.ts'
import { bufferNote, openSockets, readKernelDrops } from './open-socket.ts'
import { bucketBytes, total, totalCount } from './shared.ts'
import { createSlots } from './slots.ts'
import { encodeSockaddr } from './sockaddr.ts'

/** The most bytes of a control message that leaves through this plane. */
const controlRoom = 65_536


export interface BatchedOptions {
  /** The system calls' binary (`native.ts`), and what was loaded from it. */
  readonly nativePath: string
  readonly libc: Libc
  /** 1 to `maxWorkers`; absent: a core each, one left to the rest of the machine. */
  readonly workers?: number | undefined
  /** What a worker gives itself, as of nice(2); absent: that of the process. */
  readonly priority?: number | undefined
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
 * by itself.
 */
export function createBatchedPlane(onControl: OnControl, options: BatchedOptions): BatchedPlane {
  const { nativePath, libc, priority, onWorkerDeath = () => undefined } = options
  const workers = Math.min(options.workers ?? Math.max(1, availableParallelism() - 1), maxWorkers)
  const buckets = new SharedArrayBuffer(bucketBytes)
  const memories = Array.from({ length: workers }, () => createLaneMemory(buckets))
  const slots = createSlots(memories.map(({ slotCounters }) => slotCounters), new Float64Array(buckets))
  const outgoing = arenaOf(libc, controlRoom + 32)
  const own = { packetsOut: 0, bytesOut: 0, congestionDrops: 0, kernelDrops: 0 }
  let lanes: readonly Lane[] = []
  let closing: Promise<unknown> = Promise.resolve()
  let state: DataPlaneState = { state: 'stopped' }

  /** What was said is not taken back: see `createSlots`. */
  const said = new Float64Array(totalCount)
  const sum = (which: number): number => said[which] = Math.max(said[which] ?? 0, memories.reduce((all, { slotTotals }) => all + (slotTotals[which] ?? 0), 0))
  const kernelDrops = (): number => own.kernelDrops + lanes.reduce((all, { fd }) => all + readKernelDrops(libc, fd), 0)
  /** Without this the process would not end: see `Lane.wake`. */
  const wakeAll = (): void => {
    for (const lane of lanes) lane.wake()
  }

  const close = async (): Promise<void> => {
    const open = lanes
    own.kernelDrops = kernelDrops()
    lanes = []
    state = { state: 'stopped' }
    process.removeListener('exit', wakeAll)
    closing = Promise.all([closing, ...open.map((lane) => lane.close())])
    await closing
  }

  const send = (fd: number, bytes: Uint8Array): boolean =>
    Number(libc.sendto(fd, outgoing.address + 32, bytes.length, linux.MSG_DONTWAIT, outgoing.address, sizes.sockaddrIn6)) >= 0

  /** What is larger than its way's MTU goes out in fragments, as from any socket. */
  const sendInFragments = (fd: number, to: AddrPort, bytes: Uint8Array): boolean => {
    const family = to.ip.includes(':') ? 'ipv6' : 'ipv4'
    const fragments = createFragments(libc, fd)
    fragments.allow(family, true)
    const isSent = send(fd, bytes)
    fragments.allow(family, false)
    return isSent
  }

  return {
    name: 'batched',
    get state() {
      const troubles = lanes.map(({ trouble }) => trouble).filter((trouble) => trouble !== '')
      if (state.state !== 'bound' || troubles.length === 0) return state
      return { ...state, text: [state.text, `${troubles.length} of ${lanes.length} threads ended and will be replaced: ${troubles[0]}`].filter((text) => text !== '').join('. ') }
    },
    async start(port) {
      await closing
      if (lanes.length > 0) return state
      const opened = openSockets(libc, port, workers)
      if (!opened.ok) {
        state = { state: 'failed', text: await bindFailureText(port, opened.unsupported ?? opened.code) }
        return state
      }
      const made = opened.fds.flatMap((fd, i) => {
        const memory = memories[i]
        return memory ? [openLane({ libc, nativePath, priority, fd, memory, sessions: slots.all, onControl, onWorkerDeath })] : []
      })
      lanes = made
      process.once('exit', wakeAll)
      const trouble = (await Promise.all(made.map(({ ready }) => ready))).find((why) => why !== undefined)
      // Closed meanwhile.
      if (lanes !== made) return state
      if (trouble !== undefined) {
        await close()
        state = { state: 'failed', text: `Threads of the data plane do not start: ${trouble}` }
        return state
      }
      state = { state: 'bound', port: opened.port, families: ['IPv4', 'IPv6'], text: bufferNote(opened.buffers), buffers: opened.buffers, workers: lanes.length }
      return state
    },
    apply(command) {
      const told = slots.apply(command)
      if (told) for (const lane of lanes) lane.tell([told])
    },
    readActivity: slots.readActivity,
    readCounters: slots.readCounters,
    totals: () => ({
      packetsIn: sum(total.packetsIn), bytesIn: sum(total.bytesIn),
      packetsOut: sum(total.packetsOut) + own.packetsOut, bytesOut: sum(total.bytesOut) + own.bytesOut,
      congestionDrops: sum(total.congestionDrops) + own.congestionDrops,
      controlDrops: sum(total.controlDrops), rateDrops: sum(total.rateDrops), shareDrops: sum(total.shareDrops), tooBig: sum(total.tooBig), kernelDrops: kernelDrops(), socketErrors: sum(total.socketErrors),
    }),
    workerPackets: () => memories.map(({ slotTotals }) => slotTotals[total.packetsIn] ?? 0),
    sendControl(to: AddrPort, bytes: Uint8Array) {
      const address = encodeSockaddr(to)
      const [lane] = lanes
      if (!lane || !address || bytes.length > controlRoom) return
      outgoing.bytes.set(address)
      outgoing.bytes.set(bytes, 32)
      if (send(lane.fd, bytes) || (libc.errno() === linux.EMSGSIZE && sendInFragments(lane.fd, to, bytes))) {
        own.packetsOut++
        own.bytesOut += bytes.length
      } else if (libc.errno() === linux.EAGAIN) own.congestionDrops++
    },
    close,
    async killWorker(index = 0) {
      await lanes[index]?.kill()
    },
  }
}
