import { waitFor } from '../../e2e/harness/wait.ts'
import type { Program } from '../../e2e/harness/program.ts'
import { startClient, type StockClient } from '../../interop/harness/index.ts'
import type { Lab } from '../../netlab/index.ts'
import { barMost } from '../bench.ts'
import { figure, interleave, median } from '../stats.ts'
import { seconds, type Part } from './part.ts'
import { tags } from './policy.ts'
import { guestSites, type RelayKind, type Scene } from './scene.ts'

const limit = 4

/** Traffic has a client look for a relay at once; a mere ping of its own only with its next heartbeat, 3 s later. */
const subjects = ['ours', 'stock', 'ours, nothing but pings'] as const
type Subject = (typeof subjects)[number]
const relayOf = (subject: Subject): RelayKind => (subject === 'stock' ? 'stock' : 'ours')

/** From `tailscale up` on two new clients at once to the first pong by way of the relay, s. */
async function joinToRelay({ lab, control, endpointOf }: Scene, subject: Subject, round: number): Promise<number> {
  const kind = relayOf(subject)
  const authKey = await control.authKey({ tags: [tags[kind]], reusable: true, ephemeral: true })
  const [a, b] = await Promise.all([guestSites[0], guestSites[1]].map((site) => startClient(lab, site, { name: `${site}-${subjects.indexOf(subject)}-${round}` })))
  if (!a || !b) throw new Error('two guests are needed')
  let traffic: Program | undefined
  try {
    const since = performance.now()
    const up = Promise.all([a, b].map((guest) => guest.up({ loginServer: control.loginServer, authKey })))
    const known = subject === 'ours, nothing but pings' ? undefined : startTraffic(lab, a, b).then((program) => { traffic = program })
    const [at] = await Promise.all([firstPong(a, b, endpointOf(kind)), up, known])
    return (at - since) / 1000
  } finally {
    await traffic?.stop()
    await Promise.all([a, b].map(async (guest) => {
      await guest.logout().catch(() => undefined)
      await guest.stop()
    }))
  }
}

/** What an application on `a` sends as soon as it can: ten packets a second. */
async function startTraffic(lab: Lab, a: StockClient, b: StockClient): Promise<Program> {
  const address = await waitFor(`${a.name} to know ${b.name}`, async () => (await a.peer(b.name))?.TailscaleIPs[0], 30_000, 25)
  return lab.spawn(a.site, ['ping', '-n', '-q', '-i', '0.1', address])
}

/** A ping that is lost on the way is not repeated by the client: the next one follows soon. */
async function firstPong(a: StockClient, b: StockClient, endpoint: string): Promise<number> {
  let last = ''
  await waitFor(() => `${a.name} to reach ${b.name} by ${endpoint}; the last: ${last}`, async () => {
    const pong = await a.probe(b.name, 400).catch((error: unknown) => String(error))
    last = typeof pong === 'string' ? pong : pong.text
    return typeof pong === 'object' && pong.endpoint === endpoint && pong.via === 'peer-relay' ? true : undefined
  }, 60_000, 25)
  return performance.now()
}

export const upPart: Part = {
  name: 'up',
  about: 'from `tailscale up` on two new clients at once to the first ping by way of the relay',
  async run({ scene, rounds = 5, say }) {
    const values = await interleave(rounds, subjects, async (subject, round) => {
      const took = await joinToRelay(scene, subject, round)
      say(`round ${round + 1}  up to the first ping by ${subject}: ${seconds(1000 * took)}`)
      return took
    })
    const named = (subject: Subject) => ({ name: `up to relayed, ${subject}`, unit: 's', values: values[subject] })
    const [ours, stock, silent] = [named('ours'), named('stock'), named('ours, nothing but pings')]
    return { figures: [figure(stock), figure(ours, stock), figure(silent)], bars: [barMost('up on both to the first ping by our relay, median, s', median(ours.values), limit)] }
  },
}
