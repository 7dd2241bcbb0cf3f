import { createSocket } from 'node:dgram'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DataPlane } from '../../agent/dataplane/index.ts'
import type { ForwardCommand } from '../../agent/relay/index.ts'
import type { AddrPort } from '../../lib/addr-port.ts'
import { concatBytes } from '../../lib/bytes.ts'
import { encodeGeneve, protocolDisco, protocolWireGuard } from '../../protocol/geneve/index.ts'
import { isLinux, planes } from './planes.ts'

/** The same traffic and commands through both planes: what comes out, and what goes up, must be the same bytes. */
const peerCount = 4
export const host = '127.0.0.1'
/** One for each of up to three workers, which share by VNI. */
export const marks = [0, 1, 2].map((vni) => Uint8Array.of(0xee, 1, 0xee, 1, 0, 0, vni, 0))
const isMark = (bytes: Uint8Array): boolean => bytes.length === 8 && bytes[0] === 0xee

type Step =
  | { readonly type: 'bind'; readonly vni: number; readonly leg: 0 | 1; readonly peer: number }
  | { readonly type: 'unbind'; readonly vni: number; readonly gentle: boolean }
  /** One peer's burst: the kernel keeps its order. */
  | { readonly type: 'burst'; readonly peer: number; readonly packets: readonly Uint8Array[] }

const vni = fc.integer({ min: 1, max: 3 })
const peer = fc.nat(peerCount - 1)
const payload = fc.tuple(fc.constantFrom(0, 1, 63, 64, 64, 64, 1300), fc.nat(255)).map(([length, value]) => new Uint8Array(length).fill(value))
const packet = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(vni, payload).map(([id, bytes]) => concatBytes(encodeGeneve({ vni: id, control: false, protocol: protocolWireGuard }), bytes)) },
  { weight: 2, arbitrary: fc.tuple(vni, payload).map(([id, bytes]) => concatBytes(encodeGeneve({ vni: id, control: false, protocol: protocolDisco }), bytes)) },
  { weight: 1, arbitrary: fc.tuple(vni, payload).map(([id, bytes]) => concatBytes(encodeGeneve({ vni: id, control: true, protocol: protocolDisco }), bytes)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 12 }).filter((bytes) => !isMark(bytes)) },
)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('bind' as const), vni, leg: fc.constantFrom(0 as const, 1 as const), peer }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('unbind' as const), vni, gentle: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('burst' as const), peer, packets: fc.array(packet, { minLength: 1, maxLength: 40 }) }) },
)

export async function openPeer(onMessage: (bytes: Uint8Array) => void) {
  const socket = createSocket('udp4')
  socket.on('message', (bytes) => onMessage(Uint8Array.from(bytes)))
  await new Promise<void>((resolve) => { socket.bind(0, host, resolve) })
  return { at: { ip: host, port: socket.address().port } satisfies AddrPort, socket }
}

/** What each peer received, what went up from each peer, and the figures. */
async function outcome(create: (typeof planes)['dgram'], steps: readonly Step[]) {
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
  const received: string[][] = Array.from({ length: peerCount }, () => [])
  const up: string[] = []
  let marksUp = 0
  const marksBack = new Array<number>(peerCount).fill(0)
  const peers = await Promise.all(received.map((list, i) => openPeer((bytes) => {
    if (isMark(bytes)) marksBack[i] = (marksBack[i] ?? 0) + 1
    else list.push(hex(bytes))
  })))
  const plane: DataPlane = create((from, bytes) => {
    if (isMark(bytes)) marksUp++
    else up.push(`${peers.findIndex(({ at }) => at.port === from.port)} ${hex(bytes)}`)
  })
  const state = await plane.start(0)
  if (state.state !== 'bound') throw new Error(JSON.stringify(state))
  const command = (one: Exclude<Step, { type: 'burst' }>): ForwardCommand => {
    if (one.type === 'unbind') return { type: 'unbindForward', vni: one.vni, gentle: one.gentle }
    return { type: 'bindForward', vni: one.vni, leg: one.leg, addr: peers[one.peer]?.at ?? { ip: host, port: 1 } }
  }
  let bursts = 0
  for (const one of steps) {
    if (one.type !== 'burst') {
      plane.apply(command(one))
      continue
    }
    const { socket } = peers[one.peer] ?? { socket: createSocket('udp4') }
    for (const bytes of [...one.packets, ...marks]) socket.send(bytes, state.port, host)
    bursts++
    await expect.poll(() => marksUp, { interval: 1, timeout: 5000 }).toBe(bursts * marks.length)
    // A socket keeps the order: behind these all that was forwarded has come.
    for (const { at } of peers) plane.sendControl(at, marks[0] ?? new Uint8Array(8))
    await expect.poll(() => marksBack.every((count) => count === bursts), { interval: 1, timeout: 5000 }).toBe(true)
  }
  const figures = plane.readCounters().toSorted((a, b) => a.vni - b.vni || Number(b.ended) - Number(a.ended))
  await plane.close()
  for (const { socket } of peers) socket.close()
  return { received, up, figures }
}

/** Several workers keep the order of a VNI, not of all. */
const inAnyOrder = ({ received, up, figures }: Awaited<ReturnType<typeof outcome>>) => ({ received: received.map((list) => list.toSorted()), up: up.toSorted(), figures })
const asItCame: typeof inAnyOrder = (all) => all

/** Under the same random traffic and commands the batched plane does what dgram does. */
export function differential(when = ''): void {
  test.skipIf(!isLinux).each([['batched', asItCame], ['batched in three threads', inAnyOrder]] as const)(`random traffic and commands: %s sends the same bytes as dgram, passes up the same and counts the same${when}`, async (name, seen) => {
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 30 }), async (steps) => {
      expect(seen(await outcome(planes[name], steps))).toEqual(seen(await outcome(planes.dgram, steps)))
    }), { numRuns: 25, seed: 7 })
  }, 60_000)
}
