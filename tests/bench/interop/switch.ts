import { barMost } from '../bench.ts'
import { longest, TimesOfBoth, type Times } from './measured.ts'
import { pause, seconds, type Part } from './part.ts'
import { relayKinds, type RelayKind, type Scene } from './scene.ts'

const limits = { silence: 0.5, on: 2 } as const
const awayMs = { long: 40_000, short: 10_000 } as const

const names = {
  off: 'switched off: the flow’s silence', derp: 'switched off: until both are on DERP',
  long: 'on after 40 s: until both are on it', short: 'on after 10 s: until both are on it', on: 'on again: the flow’s silence',
} as const

/** As its operator does: ours on the dashboard, a stock relay on its own command line. */
function turn({ control, relays }: Scene, kind: RelayKind, state: 'on' | 'off'): Promise<unknown> {
  if (kind === 'stock') return relays.stock.turn(state)
  return control.client.relay.setAdvertised.mutate({ id: relays.ours.id, advertised: state === 'on' })
}

async function measure(scene: Scene, kind: RelayKind, away: keyof typeof awayMs): Promise<Times> {
  const pair = await scene.pair(kind)
  const flow = await pair.flow()
  try {
    await pair.until(scene.endpointOf(kind), 60_000)
    let toDerp = 0
    const switchedAt = performance.now()
    const silence = await flow.silenceDuring(async () => {
      ;[toDerp] = await Promise.all([pair.until('derp', 30_000), turn(scene, kind, 'off')])
    })
    await pause(Math.max(0, switchedAt + awayMs[away] - performance.now()))
    let toRelay = 0
    const silenceOn = await flow.silenceDuring(async () => {
      ;[toRelay] = await Promise.all([pair.until(scene.endpointOf(kind), 60_000), turn(scene, kind, 'on')])
    })
    return { [names.off]: silence / 1000, [names.derp]: toDerp / 1000, [names[away]]: toRelay / 1000, [names.on]: silenceOn / 1000 }
  } finally {
    await flow.stop()
  }
}

export const switchPart: Part = {
  name: 'switch',
  about: 'the relay switched off and on again under a running flow',
  async run({ scene, rounds = 2, say }) {
    const times = new TimesOfBoth()
    await Promise.all(relayKinds.map((kind) => scene.pair(kind)))
    for (const [round, away] of [...Array.from({ length: rounds }, () => 'long' as const), 'short' as const].entries()) {
      await Promise.all(relayKinds.map(async (kind, i) => {
        await pause(2000 * i)
        const found = await measure(scene, kind, away)
        times.add(kind, found)
        const at = (name: string): string => seconds(1000 * (found[name] ?? 0))
        say(`round ${round + 1}  ${kind} switched off: silence ${at(names.off)}, on DERP after ${at(names.derp)}; ${names[away]} ${at(names[away])}, silence ${at(names.on)}`)
      }))
    }
    return {
      figures: times.figures(),
      bars: [
        barMost('our relay switched off: longest silence of a flow, s', longest(times.of('ours', names.off)), limits.silence),
        barMost('our relay on again after 40 s: longest until both clients are on it, s', longest(times.of('ours', names.long)), limits.on),
      ],
    }
  },
}
