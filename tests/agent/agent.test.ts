import { createSocket } from 'node:dgram'
import { writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DataFolder } from '../../agent/config.ts'
import type { Report } from '../../protocol/channel/index.ts'
import { startFakeControl, type FakeControl, type FakeControlOptions } from './fake-control.ts'
import { listeningSockets } from './listening.ts'
import { AgentRig, freeUdpPort, relayView, seedAllocations, testClients, UdpClient, type AgentProcess, type Pair } from './rig.ts'

/** There the batched plane is the default, and comes out of the bundle. */
const isLinux = process.platform === 'linux'
const rig = new AgentRig()
let controls: FakeControl[] = []
let sockets: UdpClient[] = []
let runs = 0
let data = ''
let port = 0

beforeAll(() => rig.build())
afterAll(() => rig.close())
beforeEach(async () => {
  data = rig.data(`data-${++runs}`)
  port = await freeUdpPort()
})
afterEach(async () => {
  await rig.stop()
  for (const socket of sockets) socket.close()
  sockets = []
  await Promise.all(controls.map((control) => control.close()))
  controls = []
})

async function control(options?: FakeControlOptions): Promise<FakeControl> {
  const made = await startFakeControl(options)
  controls.push(made)
  return made
}

function agent(server: FakeControl | undefined, ...words: string[]): AgentProcess {
  return rig.start('--data', data, '--metrics-port', '19410', ...(server ? ['--server', server.url] : []), ...words)
}

async function client(): Promise<UdpClient> {
  const made = await UdpClient.open(port)
  sockets.push(made)
  return made
}

async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { timeout: 12_000, interval: 20 }).toBe(true)
}

const relaying = (server: FakeControl) => until(() => server.relay?.state === 'relaying')

/** An agent that relays for one pair, both ends bound. */
async function relayedPair(server: FakeControl, ...words: string[]) {
  const clients = testClients(2)
  const [pair] = seedAllocations(data, port, clients)
  if (!pair) throw new Error('no pair')
  server.setView(7, relayView(data, port, clients))
  const started = agent(server, '--auth-key', 'tskey-1', ...words)
  await relaying(server)
  const [a, b] = [await client(), await client()]
  await a.bind(pair, pair.a, pair.b)
  await b.bind(pair, pair.b, pair.a)
  await until(() => server.relay?.sessions === 1)
  return { started, clients, pair, a, b }
}

const total = (reports: readonly Report[]) => reports.reduce((sum, { sessions }) =>
  sum + sessions.reduce((bytes, { bytesFromA, bytesFromB }) => bytes + bytesFromA + bytesFromB, 0), 0)

async function bothWays(pair: Pair, a: UdpClient, b: UdpClient): Promise<void> {
  await a.exchange(pair, b, new Uint8Array(100))
  await b.exchange(pair, a, new Uint8Array(100))
}

describe('relaying', () => {
  test('joins, relays when switched on, forwards, reports; kill -9 loses no session and no count', async () => {
    const server = await control()
    const { started, clients, pair, a, b } = await relayedPair(server)
    expect(server.proofs[0]).toMatchObject({ kind: 'agent', authKey: 'tskey-1', revision: 0 })
    expect(server.applied).toEqual([7])
    expect(server.relay).toMatchObject({ state: 'relaying', port, dataplane: isLinux ? 'batched' : 'dgram', text: '' })
    expect(server.relay?.addresses[0]?.address).toMatch(new RegExp(`:${port}$`))
    await bothWays(pair, a, b)
    server.send({ type: 'watch', on: true })
    await until(() => total(server.reports) >= 216)
    const key = server.reports.flatMap(({ sessions }) => sessions)[0]?.key

    started.child.kill('SIGKILL')
    await started.exit
    const counted = total(server.reports)
    const again = agent(server)
    // No handshake: the clients do not know that there was another process.
    await bothWays(pair, a, b)
    await until(() => server.proofs.length === 2 && server.connected)
    expect(server.proofs[1]).toMatchObject({ revision: 7 })
    expect(server.proofs[1]?.authKey).toBeUndefined()
    server.send({ type: 'watch', on: true })
    await until(() => total(server.reports) >= counted + 216)
    expect(new Set(server.reports.flatMap(({ sessions }) => sessions).map((session) => session.key))).toEqual(new Set([key]))
    expect(new Set(server.reports.map(({ boot }) => boot)).size).toBe(2)

    server.setView(8, relayView(data, port, clients, { advertised: false }), 'Turned off')
    // Two messages, in no order that matters.
    await until(() => server.relay?.state === 'draining' && server.applied.at(-1) === 8)
    // Gently: data still passes.
    await a.exchange(pair, b, new Uint8Array(10))
    again.child.kill('SIGTERM')
    expect((await again.exit).code).toBe(0)
  })

  test('SIGTERM ends it cleanly within 2 s; the next start goes on with the sessions', async () => {
    const server = await control()
    const { started, pair, a, b } = await relayedPair(server)
    const at = performance.now()
    started.child.kill('SIGTERM')
    expect(await started.exit).toMatchObject({ code: 0 })
    expect(performance.now() - at).toBeLessThan(2000)
    agent(server)
    await bothWays(pair, a, b)
  })

  test('without the control plane a restart relays by the configuration on disk, and reports later', async () => {
    const server = await control()
    const { started, pair, a, b } = await relayedPair(server)
    started.child.kill('SIGKILL')
    await started.exit
    const { url } = server
    await server.close()
    controls = []
    const alone = agent(undefined)
    await bothWays(pair, a, b)
    alone.child.kill('SIGTERM')
    await alone.exit
    expect(total(new DataFolder(data).unsentReports())).toBeGreaterThanOrEqual(216)
    const back = await control({ port: Number(new URL(url).port) })
    agent(undefined)
    await until(() => total(back.reports) >= 216)
    // Acknowledged: not kept any longer than until the next report.
    back.send({ type: 'watch', on: true })
    await until(() => new DataFolder(data).unsentReports().length === 0)
  })

  test('a session that its grant no longer lets stand ends at once, with that reason', async () => {
    const server = await control()
    const { clients, pair, a, b } = await relayedPair(server)
    await bothWays(pair, a, b)
    server.setView(8, { ...relayView(data, port, clients), serves: [] }, 'The grant was taken back')
    await until(() => server.relay?.sessions === 0)
    server.send({ type: 'watch', on: true })
    await expect.poll(() => server.reports.flatMap(({ ended }) => ended).map(({ reason }) => reason)).toEqual(['The grant was taken back'])
  })

  test('a port in use is a state that names who has it; free again, it relays', async () => {
    const holder = createSocket('udp4')
    await new Promise<void>((resolve) => {
      holder.bind(port, resolve)
    })
    const server = await control()
    server.setView(1, relayView(data, port, []))
    agent(server)
    await until(() => server.relay?.state === 'cannot')
    expect(server.relay?.text).toMatch(new RegExp(`^Cannot bind port ${port}: in use by pid ${process.pid} \\(.+\\)$`))
    expect(server.applied).toEqual([1])
    holder.close()
    await relaying(server)
  })
})

describe('on its machine', () => {
  // A socket of each family, or one of both.
  test.each([['dgram', 2], ['batched', 1]] as const)('listens on loopback only, but for the relay’s port: %s, %i', async (plane, sockets) => {
    const server = await control()
    server.setView(1, relayView(data, port, []))
    const { pid } = agent(server, '--data-plane', plane, '--workers', '1')
    await relaying(server)
    const open = listeningSockets(pid)
    expect(open.filter(({ isLoopback }) => !isLoopback).map(({ protocol, port: at }) => `${protocol} ${at}`)).toEqual(new Array<string>(sockets).fill(`udp ${port}`))
    expect(open.filter(({ isLoopback }) => isLoopback).map(({ protocol }) => protocol)).toEqual(['tcp'])
  })

  test('status tells a person and a program; set asks to relay; both say what is wrong in one line', async () => {
    expect(await rig.run('status', '--data', data)).toEqual({ code: 1, output: `No agent is running with the data in ${data}: start it, or give --data\n` })
    expect(await rig.run('set', '--relay-server-port=0', '--data', data)).toMatchObject({ code: 1 })
    const server = await control()
    server.setView(3, relayView(data, port, []))
    agent(server, '--name', 'tow', '--session-rate', '3mbit')
    await relaying(server)
    expect((await rig.run('set', '--relay-server-port=40001', '--data', data)).output).toContain(`UDP port 40001: the relay is on, on port ${port}: change its port in the dashboard`)
    await until(() => server.relay?.requestedPort === 40_001)
    const human = await rig.run('status', '--data', data)
    expect(human.code).toBe(0)
    expect(human.output).toMatch(new RegExp(`Relay +Relaying on UDP port ${port}`))
    expect(human.output).toMatch(/^Session rate +3 Mbit\/s each way$/m)
    const status: unknown = JSON.parse((await rig.run('status', '--json', '--data', data)).output)
    expect(status).toMatchObject({ connected: true, revision: 3, server: server.url, relay: { state: 'relaying', port, requestedPort: 40_001, sessionRate: 3_000_000 } })
    expect(server.relay?.sessionRate).toBe(3_000_000)
    expect((await rig.run('set', '--relay-server-port=', '--data', data)).code).toBe(0)
    await until(() => server.relay?.requestedPort === undefined)
    const second = await rig.run('--data', data, '--server', server.url)
    expect(second).toMatchObject({ code: 1 })
    expect(second.output).toMatch(/^.+ is in use by another agent \(process \d+\): stop it, or give --data another folder\n$/)
  })

  test('what was set is in force at the next start; what run is given goes before it', async () => {
    const server = await control()
    server.setView(1, relayView(data, port, []))
    expect(await rig.run('set', '--data-plane=dgram', '--session-rate=3mbit', '--data', data)).toEqual({
      code: 0, output: "At the agent's next start: data plane dgram, session rate 3 Mbit/s\n",
    })
    const first = agent(server)
    await relaying(server)
    expect(server.relay).toMatchObject({ dataplane: 'dgram', sessionRate: 3_000_000 })
    first.child.kill('SIGTERM')
    await first.exit
    agent(server, '--session-rate', '5mbit')
    await until(() => server.relay?.sessionRate === 5_000_000)
    expect(server.relay).toMatchObject({ dataplane: 'dgram' })
  })

  test('metrics and health are on loopback', async () => {
    const server = await control()
    server.setView(1, relayView(data, port, []))
    const { pid } = agent(server)
    await relaying(server)
    const local = listeningSockets(pid).find(({ protocol }) => protocol === 'tcp')
    const page = await fetch(`http://127.0.0.1:${local?.port}/metrics`)
    const metrics = await page.text()
    expect(metrics).toMatch(/^towpath_relay_up 1$/m)
    expect(metrics).toMatch(isLinux ? /^towpath_relay_data_plane_threads\{plane="batched"\} [1-9]/m : /^towpath_relay_data_plane_threads\{plane="dgram"\} 0$/m)
    expect(metrics).toMatch(/^towpath_relay_too_large_packets_total 0$/m)
    expect((await fetch(`http://127.0.0.1:${local?.port}/healthz`)).status).toBe(200)
  })
})

describe('joining', () => {
  test('a refused key: its reason in one line, exit code 1', async () => {
    const server = await control({ admit: () => 'The auth key has expired' })
    const refused = await agent(server, '--auth-key', 'tskey-old').exit
    expect(refused.code).toBe(1)
    expect(refused.output.split('\n')).toContain('The auth key has expired. Make another key')
    expect(await rig.run('join', '--data', data, '--server', server.url, '--auth-key', 'x'))
      .toEqual({ code: 1, output: 'The auth key has expired. Make another key\n' })
  })

  test('what the control plane cannot read: its reason in one line, exit code 1', async () => {
    const server = await control()
    for (const word of ['join', 'run']) {
      const { code, output } = await rig.run(word, '--data', data, '--server', server.url, '--auth-key', 'k'.repeat(201))
      expect(code).toBe(1)
      expect(output).toContain('The control plane does not take what this agent sent (bad-message: authKey: Too big')
    }
  })

  test('a machine that is told it was removed stays out, also when it starts again, until it has another auth key', async () => {
    const server = await control()
    server.setView(7, relayView(data, port, []))
    const keyFile = `${data}.key`
    writeFileSync(keyFile, 'k-1')
    const first = agent(server, '--auth-key-file', keyFile)
    await relaying(server)
    server.send({ type: 'refused', code: 'removed', text: 'This machine was removed from the network', fix: 'Join again with a new auth key' })
    const isTold = async () => (await rig.run('status', '--data', data)).output
    await expect.poll(isTold, { timeout: 10_000 }).toMatch(/^Refused +removed from the network; join again with a new auth key$/m)
    await expect.poll(isTold, { timeout: 10_000 }).toMatch(/^Relay +Off/m)
    expect(first.output()).toContain('removed from the network; join again with a new auth key')
    first.child.kill('SIGTERM')
    expect((await first.exit).code).toBe(0)
    for (const words of [['--auth-key-file', keyFile], []]) {
      const again = agent(server, ...words)
      await expect.poll(isTold, { timeout: 10_000 }).toMatch(/^Refused +removed from the network; join again with a new auth key$/m)
      again.child.kill('SIGTERM')
      await again.exit
    }
    expect(await rig.run('join', '--data', data))
      .toEqual({ code: 1, output: 'This machine was removed from the network; join again with a new auth key\n' })
    expect(server.proofs).toHaveLength(1)
    expect(await rig.run('join', '--data', data, '--auth-key', 'k-2')).toMatchObject({ code: 0 })
    agent(undefined)
    await until(() => server.proofs.length === 3)
    expect(server.proofs.map(({ authKey, revision }) => [authKey, revision])).toEqual([['k-1', 0], ['k-2', 0], [undefined, 0]])
  })

  test('join keeps the server for the next start', async () => {
    const server = await control()
    expect(await rig.run('join', '--data', data, '--server', server.url, '--auth-key', 'k', '--name', 'tow'))
      .toEqual({ code: 0, output: `Joined ${server.url} as tow\n` })
    agent(undefined)
    await until(() => server.proofs.length === 2)
    expect(server.proofs[1]?.authKey).toBeUndefined()
  })

  test('a machine that waits for approval is told so, until somebody approves it', async () => {
    const server = await control({ authorized: () => false })
    expect(await rig.run('join', '--data', data, '--server', server.url, '--name', 'tow')).toEqual({
      code: 0, output: `Known to ${server.url} as tow, which waits for approval: approve it in the dashboard under Machines\n`,
    })
    agent(undefined)
    await until(() => server.proofs.length === 2)
    await expect.poll(async () => (await rig.run('status', '--data', data)).output, { timeout: 10_000 })
      .toMatch(/^Machine +waits for approval: approve it in the dashboard under Machines$/m)
    const waits: unknown = JSON.parse((await rig.run('status', '--json', '--data', data)).output)
    expect(waits).toMatchObject({ waits: 'waits for approval: approve it in the dashboard under Machines' })
    server.setView(1, relayView(data, port, []))
    await until(() => server.applied.includes(1))
    expect((await rig.run('status', '--data', data)).output).not.toContain('approval')
  })

  test('a clock that is off by hours: relaying goes on, and its text says so', async () => {
    const server = await control({ clockAheadMs: 3 * 3_600_000 })
    server.setView(1, relayView(data, port, []))
    agent(server)
    await relaying(server)
    await expect.poll(() => server.relay?.text).toContain('This machine’s clock is 3 h behind the control plane’s')
  })

  test.each([
    [['bla'], 'No such command: "bla". See --help'],
    [['--server', 'foo'], '--server is an address as http://host:3000, not "foo"'],
    [['set'], 'Nothing to set: give --relay-server-port=40000, --data-plane, --workers or --session-rate; an empty value takes back'],
    [['--metrics-port', '99999'], '--metrics-port is a port from 1 to 65535, not "99999"'],
    [['status', '--server', 'http://a'], '"status" takes no --server. See --help'],
  ])('%j: one line and exit code 1', async (words, line) => {
    expect(await rig.run(...words)).toEqual({ code: 1, output: `${line}\n` })
  })
})

test('on the portable plane, as asked for: relays, and ends cleanly', async () => {
  const server = await control()
  const { started, pair, a, b } = await relayedPair(server, '--data-plane', 'dgram')
  expect(server.relay).toMatchObject({ state: 'relaying', port, dataplane: 'dgram', text: '' })
  await bothWays(pair, a, b)
  started.child.kill('SIGTERM')
  expect((await started.exit).code).toBe(0)
})
