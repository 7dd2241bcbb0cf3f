import { setPriority } from 'node:os'
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads'
import { createFairShare, shareIntervalMs } from './fair-share.ts'
import { createForwarder } from './forwarder.ts'
import { arenaOf, loadLibc } from './libc.ts'
import { linux, sizes } from './linux.ts'
import { readKernelDrops } from './open-socket.ts'
import { batch, nameWord, place, prepareRings } from './rings.ts'
import { createSender } from './sender.ts'
import { createSessionSlots, sessionRoom } from './session-slots.ts'
import { maxControlWaiting, maxSlots, signal, total, type ControlBatch, type WorkerCommand, type WorkerInput } from './shared.ts'

/** A socket that fails so often in a row will not recover: the plane starts another worker. */
const maxFailures = 100

/** Receives and forwards until it is told to stop. It waits in the kernel, so its own event loop never runs. */
function run({ nativePath, priority, fd, memory, signals: shared, commands }: WorkerInput): void {
  // 0: this thread, as Linux has it.
  if (priority !== undefined) setPriority(0, priority)
  const libc = loadLibc(nativePath)
  const arena = arenaOf(libc, place.size)
  const addresses = arenaOf(libc, maxSlots * sessionRoom)
  prepareRings(arena, addresses.high)
  const sessions = createSessionSlots(addresses, new Float64Array(memory.buckets))
  const totals = new Float64Array(memory.totals)
  const signals = new Int32Array(shared)
  let raised: ControlBatch[number][] = []

  const share = createFairShare(2 * maxSlots)
  const forwarder = createForwarder({
    arena, addresses, sessions, share, totals,
    counters: new Float64Array(memory.counters),
    up(message, at, length) {
      if (Atomics.load(signals, signal.controlWaiting) >= maxControlWaiting) {
        totals[total.controlDrops] = (totals[total.controlDrops] ?? 0) + 1
        return
      }
      Atomics.add(signals, signal.controlWaiting, 1)
      const name = nameWord(message) * 4
      raised.push({ from: arena.bytes.slice(name, name + sizes.sockaddrIn6), bytes: arena.bytes.slice(at, at + length) })
    },
  })
  const send = createSender({ libc, fd, arena, totals, ...forwarder })

  const obey = (): void => {
    for (let next = receiveMessageOnPort(commands); next; next = receiveMessageOnPort(commands)) {
      // The plane alone writes to this port.
      for (const command of next.message as readonly WorkerCommand[]) sessions.apply(command)
    }
  }

  // A thread's clock begins with it: with this it is the machine's, the same in all of them.
  const begunAt = Number(process.hrtime.bigint()) / 1e6 - performance.now()
  let lost = readKernelDrops(libc, fd)
  let turnAt = 0
  const turnShare = (now: number): void => {
    turnAt = now + shareIntervalMs
    const drops = readKernelDrops(libc, fd)
    share.turn(drops !== lost)
    lost = drops
  }

  parentPort?.postMessage([] satisfies ControlBatch)
  for (let failures = 0; failures < maxFailures;) {
    const received = libc.recvmmsg(fd, arena.address + place.receiveHeaders, batch, linux.MSG_WAITFORONE, 0)
    if (Atomics.load(signals, signal.stop) !== 0) return
    // Before the datagrams: a command that was given before one was sent is obeyed before that one is handled.
    obey()
    if (received <= 0) {
      if (libc.errno() !== linux.EINTR) failures++
      continue
    }
    failures = 0
    const now = performance.now() + begunAt
    if (now >= turnAt) turnShare(now)
    send(forwarder.gather(received, now))
    if (raised.length === 0) continue
    parentPort?.postMessage(raised satisfies ControlBatch)
    raised = []
  }
  throw new Error(`receiving failed ${maxFailures} times: errno ${libc.errno()}`)
}

// What a plane passes to its workers is this; it makes no others.
run(workerData as WorkerInput)
