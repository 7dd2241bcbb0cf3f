import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CounterWatch } from './harness/counters.ts'
import { owner, redeem, signIn, turnOwnRelayOn, type Person } from './harness/person.ts'
import { ended, killAndAwait, pidsOf, type ProgramName } from './harness/processes.ts'
import type { Program } from './harness/program.ts'
import { Traffic } from './harness/traffic.ts'
import { newInstallation, type Installation } from './harness/towpath.ts'
import { waitFor } from './harness/wait.ts'

/** Of each direction: 2 Mbit/s in packets of 1280 bytes. */
const packetsPerSecond = 195

let installation: Installation
let product: Program
let person: Person
let relayId: number
let traffic: Traffic
let counters: CounterWatch

const byRelay = (end: { readonly path: string; readonly bitsIn: number }): boolean => end.path === 'relay' && end.bitsIn > 1_000_000
const liveSessions = async () => (await person.client.session.list.query({ state: 'live' })).rows
const identities = async () => (await liveSessions()).map(({ id, vni, a, b, openedAt }) => ({ id, vni, a: a.name, b: b.name, openedAt })).sort((a, b) => a.vni - b.vni)
const bytesOf = (rows: Awaited<ReturnType<typeof liveSessions>>): number => rows.reduce((sum, { bytesFromA, bytesFromB }) => sum + bytesFromA + bytesFromB, 0)

async function relaying(withinMs: number): Promise<void> {
  let last: unknown
  await waitFor(() => `the relay to relay (${JSON.stringify(last)})`, async () => {
    const relay = await person.client.relay.get.query({ id: relayId }).catch((error: unknown) => void (last = String(error)))
    if (relay) last = relay.stateText || relay.state
    return relay?.state === 'relaying' && relay.online ? true : undefined
  }, withinMs)
}

/** Counts go on: the control plane has reports of what is relayed now. */
async function countedOn(withinMs: number): Promise<void> {
  const before = bytesOf(await liveSessions())
  await waitFor('sessions to count on', async () => (bytesOf(await liveSessions()) > before ? true : undefined), withinMs)
}

/** Changes of each kind, all acknowledged when it resolves; what is returned looks whether they are still there. */
async function change(name: string): Promise<() => Promise<void>> {
  const { client } = person
  const policy = await client.policy.get.query()
  const saved = await client.policy.save.mutate({ text: `${policy.text}\n// ${name}`, expectedVersion: policy.version, message: name })
  const renamed = await client.machine.rename.mutate({ id: relayId, name: `quay-${name}` })
  const { row } = await client.authKey.create.mutate({ description: name, tags: ['tag:relay'] })
  return async () => {
    expect(await client.policy.get.query()).toEqual(saved)
    expect(await client.machine.get.query({ id: relayId })).toMatchObject({ name: renamed.name })
    expect(await client.authKey.list.query()).toContainEqual(row)
  }
}

beforeAll(async () => {
  installation = await newInstallation()
  product = await installation.start()
  await redeem(installation.url, installation.ownerLink(), owner)
  person = await signIn(installation.url, owner)
  relayId = await turnOwnRelayOn(person, { port: installation.relayPort, region: '' })
  await relaying(20_000)
  traffic = new Traffic(installation.simulate('--pairs', '2', '--rate', '2mbit', '--json'))
  await traffic.until('both pairs on the relay', byRelay, 40_000)
  await waitFor('two sessions with traffic', async () => ((await liveSessions()).filter(({ bytesFromA, bytesFromB }) => bytesFromA > 0 && bytesFromB > 0).length === 2 || undefined), 20_000)
  counters = new CounterWatch(person, relayId)
})

afterAll(async () => {
  await counters?.stop()
  await person?.close()
  await traffic?.program.stop()
  await product?.stop()
  installation?.remove()
})

/** Everything is as before it, in the eyes of who looks; resolves with what was lost of the traffic. */
async function killed(...names: readonly [ProgramName, ...ProgramName[]]): Promise<{ readonly lostMs: number; readonly thereMs: number }> {
  const before = await identities()
  const lostBefore = traffic.lost()
  const holds = await change(names.join('-').replaceAll(' ', '-'))
  const at = Date.now()
  await Promise.all(names.map((name) => killAndAwait(installation.data, name, 30_000)))
  const thereMs = Date.now() - at
  await relaying(30_000)
  const knownMs = Date.now() - at
  await countedOn(20_000)
  await traffic.until('both pairs on the relay', byRelay, 15_000)
  await holds()
  expect(await identities()).toEqual(before)
  // A packet counts as lost when it has not come two to four seconds after later ones.
  await waitFor('the account of that time', () => ((traffic.seconds().at(-1)?.at ?? 0) > at + 5000 ? true : undefined), 10_000)
  const lost = traffic.lost() - lostBefore
  const lostMs = Math.round((lost * 1000) / (4 * packetsPerSecond))
  console.log(`kill -9 of the ${names.join(' and the ')}: there again after ${thereMs} ms, known to relay after ${knownMs} ms, ${lost} packets lost (${lostMs} ms of traffic)`)
  return { lostMs, thereMs }
}

describe('kill -9 under traffic', () => {
  test('of the agent: sessions outlive it, and traffic is by the relay within seconds', async () => {
    expect((await killed('agent')).lostMs).toBeLessThan(4000)
  })

  test('of the control plane: peers and relay go on, nothing is lost', async () => {
    expect((await killed('control plane')).lostMs).toBe(0)
  })

  test('of the database: peers and relay go on, nothing is lost', async () => {
    expect((await killed('database')).lostMs).toBe(0)
  })

  test('of the agent and the control plane together: the agent relays before the control plane is there again', async () => {
    const { lostMs, thereMs } = await killed('agent', 'control plane')
    expect(lostMs).toBeLessThan(thereMs)
  })

  test('no counter went back meanwhile, and a database that is away was told as such', () => {
    expect([...counters.failures]).toEqual(['unavailable'])
    expect(counters.looks).toBeGreaterThan(20)
    expect(counters.samples).toBeGreaterThan(10)
    expect(counters.wentBack).toEqual([])
  })
})

test('stopped and started again, nothing is forgotten', async () => {
  const { client } = person
  const holds = await change('restart')
  const versions = await client.policy.versions.query({})
  const people = await client.person.list.query()
  const before = await identities()
  const at = Date.now()
  expect(await product.stop()).toBe(0)
  const stoppedAt = Date.now()
  expect(product.output()).not.toContain('was broken off')
  product = await installation.start()
  await relaying(20_000)
  console.log(`stop ${stoppedAt - at} ms, start to relaying ${Date.now() - stoppedAt} ms`)
  await traffic.until('both pairs on the relay', byRelay, 40_000)
  await holds()
  expect(await client.policy.versions.query({})).toEqual(versions)

  const again = await signIn(installation.url, owner)
  expect(await again.client.me.get.query()).toMatchObject({ email: owner.email, role: 'owner' })
  expect((await again.client.person.list.query()).map(({ email, role }) => ({ email, role }))).toEqual(people.map(({ email, role }) => ({ email, role })))
  await again.close()

  // Sessions of before run on, or are in the history.
  const all = [...await liveSessions(), ...(await client.session.list.query({ state: 'ended' })).rows].map(({ id }) => id)
  for (const { id } of before) expect(all).toContain(id)
  const { points } = await client.relay.throughput.query({ id: relayId, range: '15m' })
  expect(points.filter(({ at: then, bitsIn }) => then < at - 10_000 && (bitsIn ?? 0) > 1_000_000).length).toBeGreaterThan(1)
  expect(counters.wentBack).toEqual([])
})

test('kill -9 of npm start under traffic: its programs end, and the next start goes on', async () => {
  const holds = await change('npm-start')
  const [agent, plane, database] = [pidsOf.agent(installation.data), pidsOf['control plane'](installation.data), pidsOf.database(installation.data)]
  process.kill(product.pid, 'SIGKILL')
  await Promise.all([product.exited, ended(agent, 10_000), ended(plane, 15_000)])
  // The database is nobody's to end but the next start's.
  product = await installation.start()
  await ended(database, 0)
  await relaying(20_000)
  await traffic.until('both pairs on the relay', byRelay, 40_000)
  await holds()
  expect(counters.wentBack).toEqual([])
  expect((await traffic.stop()).ends).toHaveLength(4)
})
