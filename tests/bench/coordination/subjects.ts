import { quantile } from '../stats.ts'
import { benchPolicy, editionText } from './policy.ts'
import type { Population } from './population.ts'
import type { Product } from './product.ts'
import { cpuSeconds } from './usage.ts'

/** One round's values, by the figure's name. */
export type Values = Readonly<Record<string, number>>

export interface Scene {
  readonly product: Product
  readonly population: Population
}

export const subjects = ['toggle', 'join', 'grant', 'capability'] as const
export type Subject = (typeof subjects)[number]

const withinMs = 60_000
/** Nobody was told anything for this long: what a change brings has come. */
const quietMs = 1500

const inMs = (times: readonly number[], from: number): number[] => times.map((at) => at - from)

/** The time from the call to when the last of all was told, and to when half of them were. */
async function change({ population, product }: Scene, name: string, call: () => Promise<unknown>, told: Parameters<Population['told']>[1]): Promise<Values> {
  await population.quiet(quietMs, withinMs)
  const cpu = cpuSeconds(product.pids.controlPlane)
  const startedAt = performance.now()
  const [times] = await Promise.all([population.told(name, told, withinMs), call()])
  const ms = inMs(times, startedAt)
  await population.quiet(quietMs, withinMs)
  return {
    [`${name}: last client`]: quantile(ms, 1), [`${name}: half of the clients`]: quantile(ms, 0.5),
    [`${name}: control plane's CPU`]: cpuSeconds(product.pids.controlPlane) - cpu,
  }
}

async function toggle(scene: Scene): Promise<Values> {
  const { client, relayId } = scene.product
  const to = (advertised: boolean) => change(scene, `relay turned ${advertised ? 'on' : 'off'}`, () => client.relay.setAdvertised.mutate({ id: relayId, advertised }), (one) => one.hasRelay === advertised)
  return { ...await to(false), ...await to(true) }
}

let edition = 0

const save = async ({ product: { client } }: Scene, text: string): Promise<() => Promise<unknown>> => {
  const { version } = await client.policy.get.query()
  return () => client.policy.save.mutate({ text, expectedVersion: version })
}

/** Each client's filter is another by one rule. */
async function grant(scene: Scene): Promise<Values> {
  const to = async (isGranted: boolean): Promise<Values> =>
    change(scene, `relay ${isGranted ? 'granted' : 'not granted any more'}`, await save(scene, benchPolicy(edition, isGranted)), (one) => one.hasRelay === isGranted)
  return { ...await to(false), ...await to(true) }
}

/** The most that an edit can be: each client gets anew by which addresses all others may do it. */
async function capability(scene: Scene): Promise<Values> {
  const text = editionText(++edition)
  return change(scene, 'grant between all edited', await save(scene, benchPolicy(edition, true)), (_, message) => message?.filters.includes(text) ?? false)
}

/** One more machine: what it takes until all others know where it is, and what they are sent for it. */
async function join({ population, product }: Scene): Promise<Values> {
  await population.quiet(quietMs, withinMs)
  const others = [...population.clients]
  population.mark()
  const cpu = cpuSeconds(product.pids.controlPlane)
  const one = population.make()
  const startedAt = performance.now()
  await one.join()
  const joinedAt = performance.now()
  await population.quiet(quietMs, withinMs)
  const spent = cpuSeconds(product.pids.controlPlane) - cpu
  const missing = others.filter(({ known }) => !known.reachable.has(one.id)).length
  if (missing > 0) throw new Error(`${missing} of ${others.length} clients do not know the one that joined`)
  const heard = others.map((other) => population.heardBy(other))
  await population.remove(one)
  return {
    'one joins': joinedAt - startedAt,
    'a join: messages to each other, the most': Math.max(...heard.map(({ messages }) => messages)),
    'a join: messages to each other, the least': Math.min(...heard.map(({ messages }) => messages)),
    'a join: bytes to each other, the most': Math.max(...heard.map(({ bytes }) => bytes)),
    'a join: JSON to each other, the most': Math.max(...heard.map(({ jsonBytes }) => jsonBytes)),
    "a join: control plane's CPU": spent,
  }
}

/** Measures one of them. */
export function measureSubject(subject: Subject, scene: Scene): Promise<Values> {
  return { toggle, join, grant, capability }[subject](scene)
}
