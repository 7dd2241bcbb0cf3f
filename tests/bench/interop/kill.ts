import { barMost } from '../bench.ts'
import { longest, TimesOfBoth, type Times } from './measured.ts'
import { pause, seconds, type Part } from './part.ts'
import { relayKinds, type RelayKind, type Scene } from './scene.ts'

const limit = 2
const gap = 'killed and restarted: the flow’s gap'
const back = 'killed and restarted: until both are on it for good'

async function killAndStart({ relays }: Scene, kind: RelayKind): Promise<void> {
  if (kind === 'ours') {
    await relays.ours.kill()
    await relays.ours.start()
    return relays.ours.untilState('relaying')
  }
  await relays.stock.client.kill()
  await relays.stock.client.restart()
  await relays.stock.untilRelaying()
}

async function measure(scene: Scene, kind: RelayKind): Promise<Times> {
  const pair = await scene.pair(kind)
  const flow = await pair.flow()
  try {
    await pair.until(scene.endpointOf(kind), 60_000)
    // A flow that runs, not one that begins: a relay may write down a new session a moment after it stands.
    await pause(1000)
    let backMs = 0
    const silence = await flow.silenceDuring(async () => {
      const settled = pair.settled(scene.endpointOf(kind), 90_000)
      await killAndStart(scene, kind)
      backMs = await settled
    })
    return { [gap]: silence / 1000, [back]: Math.max(silence, backMs) / 1000 }
  } finally {
    await flow.stop()
  }
}

export const killPart: Part = {
  name: 'kill',
  about: 'kill -9 and restart of the relay under a running flow',
  async run({ scene, rounds = 3, say }) {
    const times = new TimesOfBoth()
    await Promise.all(relayKinds.map((kind) => scene.pair(kind)))
    for (let round = 0; round < rounds; round++) {
      await Promise.all(relayKinds.map(async (kind, i) => {
        // Neither's start is in the other's gap.
        await pause(3000 * i)
        const found = await measure(scene, kind)
        times.add(kind, found)
        say(`round ${round + 1}  ${kind} killed and restarted: gap ${seconds(1000 * (found[gap] ?? 0))}, for good after ${seconds(1000 * (found[back] ?? 0))}`)
      }))
    }
    return { figures: times.figures(), bars: [barMost('our relay killed and restarted: longest gap of a flow, s', longest(times.of('ours', gap)), limit)] }
  },
}
