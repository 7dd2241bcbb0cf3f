import { randomBytes } from 'node:crypto'
import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { expect, test } from 'vitest'
import { ChannelClient } from '../../agent/channel/client.ts'
import { Reporting } from '../../agent/reporting.ts'
import { Reporter } from '../../agent/telemetry/index.ts'
import { systemClock } from '../../lib/clock.ts'
import { hubRig, TestServices } from '../../server/channel/testing-hub.ts'
import { createBus } from '../../server/bus/index.ts'
import { withTestDb } from '../../server/db/testing.ts'
import { createMetrics, type LiveSample } from '../../server/metrics/index.ts'
import { addNode } from '../../server/metrics/testing.ts'

const database = withTestDb()

function keysOf(kind: typeof ed25519 | typeof x25519) {
  const secret = Uint8Array.from(randomBytes(32))
  return { secret, public: kind.getPublicKey(secret) }
}

test('an agent’s counters reach the page that starts to look within 2 s, and the database once', async () => {
  await addNode(database.db, 1)
  const metrics = await createMetrics({
    db: database.db, bus: createBus(() => {}), clock: systemClock, log: { warn() {}, error() {} }, names: { node: (id) => ({ name: `lock-${id}`, kind: 'agent' }) },
  })
  const rig = await hubRig(new TestServices(), {}, {
    ingest: metrics.ingest, watched: (id) => metrics.live.watched(id), onWatch: (listener) => metrics.live.onWatch(listener),
  })
  // A relay that forwards 100 packets of 1000 bytes in each 10 ms.
  const startedAt = Date.now()
  let last = 0
  const packets = (): number => Math.floor((Date.now() - startedAt) / 10) * 100
  const reporter = new Reporter('boot', {
    totals() {
      last = packets()
      return { packetsIn: last, bytesIn: last * 1000, packetsOut: last, bytesOut: last * 1000, congestionDrops: 0, kernelDrops: 0, controlDrops: 0, rateDrops: 0, shareDrops: 0, tooBig: 0, socketErrors: 0 }
    },
    traffic: () => [], drops: () => ({}), endpoints: () => 3, cpuMs: () => 0,
  }, [], startedAt)
  const client: ChannelClient = new ChannelClient({
    server: rig.url, keys: { machine: keysOf(ed25519), node: keysOf(x25519), disco: keysOf(x25519) }, host: { hostname: 'lock-1', os: 'linux', version: '1' },
    kind: 'agent', revision: 0, clock: systemClock, random: randomBytes,
    onEvent(event) {
      if (event.type === 'watch') reporting.watch(event.on)
    },
  })
  const reporting = new Reporting({ reporter, clock: systemClock, channel: client, save() {}, onSaveError() {} }, false)
  reporting.start()
  await expect.poll(() => client.unsent.length + Number(!client.connected), { timeout: 5000 }).toBe(0)

  const samples: LiveSample[] = []
  const began = performance.now()
  const stop = metrics.live.subscribe((sample) => samples.push(sample), { relayIds: [1] })
  // 80 Mbit/s, as far as a loaded machine keeps time.
  await expect.poll(() => samples.some(({ relays }) => (relays[0]?.bitsIn ?? 0) > 20e6), { timeout: 5000, interval: 10 }).toBe(true)
  expect(performance.now() - began).toBeLessThan(2000)
  expect(samples.at(-1)?.relays).toMatchObject([{ id: 1, endpoints: 3 }])
  stop()
  reporting.stop()
  await expect.poll(() => client.unsent.length).toBe(0)
  await client.stop(false)
  await rig.stop()
  await metrics.dispose()
  const [row] = await database.db.$queryRaw<{ packets: number }[]>`SELECT sum(packets_in)::float8 AS packets FROM relay_traffic_1h WHERE relay_id = 1`
  expect(row?.packets).toBe(last)
})
