import { createSocket } from 'node:dgram'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { ChannelView } from '../protocol/channel/index.ts'
import { createHostRelay } from './host-relay.ts'
import type { Log } from './log.ts'
import { bindRetryMs } from './relay-switch.ts'

const self = { id: 1, stableId: 's1', name: 'lock', kind: 'agent' as const, nodeKey: 'n', discoKey: 'd', addresses: [], endpoints: [], homeDerp: 1, capVersion: 1, tags: [], online: true }
const viewOf = (port: number): ChannelView => ({
  self, peers: [], relays: [], serves: [], sessionPeers: [], derp: [],
  relay: { advertised: true, port, staticEndpoints: [], region: '', maxEndpoints: 10, handshakesPerSecond: 10 },
})

async function takePort(port = 0) {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind({ port, exclusive: true }, resolve))
  return { port: socket.address().port, free: () => new Promise<void>((resolve) => socket.close(resolve)) }
}

test('why a port cannot be had is logged once, however often it is tried again, and again when it was had meanwhile', async () => {
  const said: string[] = []
  const ignore = (): void => {}
  const note = (...[about, text]: readonly unknown[]): void => void said.push(String(text ?? about))
  // All that is asked of it.
  const log = { debug: ignore, error: ignore, info: note, warn: note } as unknown as Log
  let now = 0
  const taken = await takePort()
  const host = createHostRelay({
    view: viewOf(taken.port), log, skewMs: 0, saved: undefined, nodeDisco: new Uint8Array(32).fill(1), clock: { now: () => now }, random: (length) => new Uint8Array(length).fill(2),
    dataPlane: { wanted: 'dgram', workers: undefined, nativeFolder: '' }, sendDerp: ignore, save: ignore, onOpened: ignore, onEnded: ignore, onStatus: ignore, requestedPort: () => undefined,
  })
  onTestFinished(() => host.close())
  /** Each outcome of a try is a state of its own. */
  const another = async (act: () => void): Promise<void> => {
    const before = host.plane.state
    act()
    await vi.waitFor(() => expect(host.plane.state).not.toBe(before))
  }
  const tryAgain = () => another(() => {
    now += bindRetryMs + 1
    host.configure(viewOf(taken.port), 0, 'test')
  })
  const cannot = expect.stringMatching(new RegExp(`^Cannot bind port ${taken.port}: in use`))

  await another(() => host.start())
  for (let i = 0; i < 4; i++) await tryAgain()
  expect([host.status().state, said]).toEqual(['cannot', [cannot]])

  await taken.free()
  await tryAgain()
  await another(() => host.configure(undefined, 0, 'test'))
  const again = await takePort(taken.port)
  onTestFinished(again.free)
  for (let i = 0; i < 3; i++) await tryAgain()
  expect(said).toEqual([cannot, 'relaying', 'the relay’s port is closed', cannot])
})
