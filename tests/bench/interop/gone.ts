import { barMost } from '../bench.ts'
import { median } from '../stats.ts'
import { TimesOfBoth, type Times } from './measured.ts'
import { pause, seconds, type Part } from './part.ts'
import { heartbeatAt } from './heartbeat.ts'
import { relayKinds, type RelayKind, type Scene } from './scene.ts'

/** Of the stock relay's: both clients trust a path as long, whoever relays it; what is more than this is not the flow's own clock. */
const limit = 1.05
const gap = 'gone for good, another there: the flow’s gap'
const other = 'gone for good, another there: until both are on that'

async function kill({ relays }: Scene, kind: RelayKind): Promise<void> {
  await (kind === 'ours' ? relays.ours.kill() : relays.stock.client.kill())
}

async function measure(scene: Scene, kind: RelayKind): Promise<Times> {
  const pair = await scene.pair(kind)
  const flow = await pair.flow()
  try {
    await pair.until(scene.endpointOf(kind), 90_000)
    await heartbeatAt(scene.lab, kind)
    let onSpare = 0
    const silence = await flow.silenceDuring(async () => {
      ;[onSpare] = await Promise.all([pair.until(scene.endpointOf('spare'), 60_000), kill(scene, kind)])
    })
    return { [gap]: silence / 1000, [other]: onSpare / 1000 }
  } finally {
    await flow.stop()
  }
}

async function restore({ relays }: Scene, kind: RelayKind): Promise<void> {
  if (kind === 'ours') {
    await relays.ours.start()
    return relays.ours.untilState('relaying')
  }
  await relays.stock.client.restart()
  await relays.stock.untilRelaying()
}

export const gonePart: Part = {
  name: 'gone',
  about: 'the relay gone for good under a running flow, with another relay there',
  async run({ scene, rounds = 3, say }) {
    const times = new TimesOfBoth()
    await Promise.all(relayKinds.map((kind) => scene.pair(kind)))
    // The other one is farther away: it is used when the near one is gone, and left when that is back.
    await scene.lab.shape('spare', { delayMs: 15 })
    await scene.relays.spare.switchTo('relaying')
    for (let round = 0; round < rounds; round++) {
      await Promise.all(relayKinds.map(async (kind, i) => {
        await pause(1000 * i)
        const found = await measure(scene, kind)
        times.add(kind, found)
        say(`round ${round + 1}  ${kind} gone for good: gap ${seconds(1000 * (found[gap] ?? 0))}, both on the other one after ${seconds(1000 * (found[other] ?? 0))}`)
      }))
      await Promise.all(relayKinds.map((kind) => restore(scene, kind)))
    }
    await scene.relays.spare.switchTo('off')
    await scene.lab.shape('spare', {})
    const ours = median(times.of('ours', gap))
    const stock = median(times.of('stock', gap))
    return { figures: times.figures(), bars: [barMost('our relay gone for good: gap of a flow as a share of the stock relay’s', ours / stock, limit)] }
  },
}
