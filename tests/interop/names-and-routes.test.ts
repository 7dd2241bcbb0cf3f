import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { waitFor } from '../e2e/harness/wait.ts'
import { tsProgram } from '../netlab/index.ts'
import { interopUnavailable, keepLogs, startFlow, startNetwork, type Network } from './harness/index.ts'

const unavailable = interopUnavailable()
if (unavailable !== undefined) console.log(`Stories with stock clients are skipped: ${unavailable}`)

const programs = path.join(import.meta.dirname, 'harness', 'programs')
const labPrograms = path.join(import.meta.dirname, '../netlab/programs')
const answersSchema = z.array(z.string().nullable())
const magic = '100.100.100.100'

describe.skipIf(unavailable !== undefined)('names, routes and exit nodes', () => {
  let network: Network<'a' | 'r', never>
  let routerId: number
  let web: string

  beforeAll(async () => {
    network = await startNetwork({
      prefix: 'names', sites: { a: { nat: 'cone' }, r: { nat: 'cone' }, printer: { beside: 'r' }, web: { public: true } }, clients: { a: { up: ['--accept-routes'] }, r: {} },
    })
    const { control: { client }, lab } = network
    routerId = (await client.machine.list.query()).find(({ name }) => name === 'r')?.id ?? 0
    web = `${lab.addressOf('web')}:4000`
    await lab.run('r', ['sysctl', '-qw', 'net.ipv4.ip_forward=1'])
    const started = [
      lab.spawn('web', tsProgram(labPrograms, 'reflector', 4000)), lab.spawn('printer', tsProgram(labPrograms, 'reflector', 4000)),
      lab.spawn('web', tsProgram(programs, 'dns', 'serve', '192.0.2.77')),
    ]
    await Promise.all(started.map((program) => program.seen(/^ready$/m, 15_000)))
  })
  afterEach((context) => keepLogs(context, ...(network?.logged ?? [])))
  afterAll(() => network?.remove())

  const call = () => network.control.client
  const ask = async (...names: string[]) => answersSchema.parse(JSON.parse(await network.lab.run('a', tsProgram(programs, 'dns', 'ask', magic, ...names))))
  /** How a host sees a socket of a's; null: it does not answer. */
  const seenBy = async (host: string) => answersSchema.parse(JSON.parse(await network.lab.run('a', tsProgram(labPrograms, 'ask', 4100, host))))[0]
  const printer = () => network.lab.addressOf('printer')
  const subnet = () => `${printer().split('.').slice(0, 3).join('.')}.0/24`

  /** Waits until the client routes so; how long that took, ms. */
  async function untilRouted(isRouted: boolean, prefix: string): Promise<number> {
    const since = performance.now()
    const { a } = network.clients
    await a.untilStatus(`${prefix} ${isRouted ? '' : 'no more '}by r`, (status) => Object.values(status.Peer).some(({ AllowedIPs }) => AllowedIPs.includes(prefix)) === isRouted, 5000)
    return Math.round(performance.now() - since)
  }

  test('MagicDNS knows a peer by its name and by its full name, in the client’s own resolv.conf too', async () => {
    const { clients: { a, r }, lab } = network
    const address = await r.address()
    expect(await ask('r.towpath.internal', 'a.towpath.internal', 'nobody.towpath.internal')).toEqual([address, await a.address(), null])
    expect(await lab.run('a', ['cat', '/etc/resolv.conf'])).toMatch(/^nameserver 100\.100\.100\.100$/m)
    expect(await lab.run('a', ['getent', 'ahostsv4', 'r'])).toContain(address)
    const { stdout } = await lab.exec('a', ['ping', '-n', '-c', '1', '-W', '5', 'r.towpath.internal'])
    expect(stdout).toContain('1 received')
  })

  test('a split DNS route and a record of one’s own are with every client, at once', async () => {
    const { lab } = network
    expect(await ask('files.corp.example')).toEqual([null])
    const saved = performance.now()
    await call().dns.save.mutate({
      domain: 'towpath.internal', magicDns: true, searchDomains: ['corp.example'], resolvers: [],
      routes: [{ suffix: 'corp.example', resolvers: [lab.addressOf('web')] }], records: [{ name: 'printer.home.example', value: '192.0.2.9' }],
    })
    await waitFor('the names to be known', async () => (await ask('files.corp.example', 'printer.home.example')).join() === '192.0.2.77,192.0.2.9' || undefined, 5000)
    console.log(`split DNS and a record: known ${Math.round(performance.now() - saved)} ms after Save`)
    expect(await network.clients.a.mustCli(['dns', 'status'])).toMatch(/corp\.example[^\n]*198\.51\.100/)
    expect(await lab.run('a', ['getent', 'ahostsv4', 'files'])).toContain('192.0.2.77')
    expect(await ask('r.towpath.internal')).toEqual([await network.clients.r.address()])
  })

  test('a machine that is renamed, and a network that is, are found under the new name', async () => {
    const address = await network.clients.r.address()
    await call().machine.rename.mutate({ id: routerId, name: 'router' })
    await waitFor('the new name', async () => (await ask('router.towpath.internal', 'r.towpath.internal')).join() === `${address},` || undefined, 5000)
    const { magicDns, searchDomains, resolvers, routes, records } = await call().dns.get.query()
    const settings = { magicDns, searchDomains, resolvers, routes, records: records.map(({ name, value }) => ({ name, value })) }
    await call().dns.save.mutate({ ...settings, domain: 'lab.example' })
    await waitFor('the new domain', async () => (await ask('router.lab.example', 'router.towpath.internal')).join() === `${address},` || undefined, 5000)
    expect((await network.clients.a.status()).MagicDNSSuffix).toBe('lab.example')
    await call().dns.save.mutate({ ...settings, domain: 'towpath.internal' })
    await call().machine.rename.mutate({ id: routerId, name: 'r' })
    await waitFor('the old name', async () => (await ask('r.towpath.internal')).join() === address || undefined, 5000)
  })

  test('a subnet route that nobody approved carries nothing', async () => {
    await network.clients.r.set(`--advertise-routes=${subnet()}`)
    await waitFor('the route to be offered', async () => (await call().machine.get.query({ id: routerId })).routesToApprove === 1 || undefined, 5000)
    expect((await call().machine.get.query({ id: routerId })).subnetRoutes).toMatchObject([{ route: subnet(), offered: true, approved: false, carries: false }])
    expect((await network.clients.a.peer('r'))?.AllowedIPs).not.toContain(subnet())
    expect(await seenBy(`${printer()}:4000`)).toBeNull()
  })

  test('approved, it carries TCP and UDP; taken back, nothing', async () => {
    const { lab } = network
    await call().machine.setRoutes.mutate({ id: routerId, routes: [subnet()], exitNode: false })
    console.log(`a route approved: at the client after ${await untilRouted(true, subnet())} ms`)
    // The router hides who asks: its own network needs no way back.
    expect(await waitFor('an answer', async () => (await seenBy(`${printer()}:4000`)) ?? undefined, 5000)).toMatch(new RegExp(`^${lab.addressOf('r')}:`))
    const flow = await startFlow(lab, { from: 'a', to: 'printer', address: printer() })
    expect((await flow.report()).received).toBeGreaterThan(0)
    await flow.stop()
    expect((await call().machine.get.query({ id: routerId })).subnetRoutes).toMatchObject([{ route: subnet(), carries: true, carrier: 'r' }])
    expect((await network.clients.a.peer('r'))?.PrimaryRoutes).toEqual([subnet()])

    await call().machine.setRoutes.mutate({ id: routerId, routes: [], exitNode: false })
    await untilRouted(false, subnet())
    expect(await seenBy(`${printer()}:4000`)).toBeNull()
  })

  test('an exit node is one once it is approved, can be selected, and traffic leaves by it', async () => {
    const { clients: { a, r }, lab } = network
    const own = await seenBy(web)
    expect(own).toContain(lab.outsideOf('a'))
    await r.set('--advertise-exit-node')
    await waitFor('it to be offered', async () => (await call().machine.get.query({ id: routerId })).exitNode === 'offered' || undefined, 5000)
    expect((await a.cli(['set', '--exit-node=r'])).code).not.toBe(0)
    await call().machine.setRoutes.mutate({ id: routerId, routes: [], exitNode: true })
    await a.untilStatus('an exit node on offer', (status) => Object.values(status.Peer).some(({ ExitNodeOption }) => ExitNodeOption), 5000)
    expect(await a.mustCli(['exit-node', 'list'])).toMatch(new RegExp(`${await r.address()}\\s+r\\.towpath\\.internal`))
    expect(await seenBy(web)).toContain(lab.outsideOf('a'))

    await a.set('--exit-node=r')
    expect(await waitFor('traffic by it', async () => { const seen = await seenBy(web); return seen?.startsWith(lab.outsideOf('r')) ? seen : undefined }, 10_000)).toBeDefined()
    const flow = await startFlow(lab, { from: 'a', to: 'web', address: lab.addressOf('web') })
    expect((await flow.report()).received).toBeGreaterThan(0)
    await flow.stop()
    expect((await a.peer('r'))?.ExitNode).toBe(true)
    expect((await a.status()).BackendState).toBe('Running')

    await a.set('--exit-node=')
    expect(await waitFor('its own way again', async () => { const seen = await seenBy(web); return seen?.startsWith(lab.outsideOf('a')) ? seen : undefined }, 10_000)).toBeDefined()
    await call().machine.setRoutes.mutate({ id: routerId, routes: [], exitNode: false })
    await a.untilStatus('no exit node on offer', (status) => !Object.values(status.Peer).some(({ ExitNodeOption }) => ExitNodeOption), 5000)
    expect((await a.cli(['exit-node', 'list'])).stdout).not.toContain('r.towpath.internal')
  })
})
