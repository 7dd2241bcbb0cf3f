import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Person, redeem, signIn } from '../e2e/harness/person.ts'
import { waitFor } from '../e2e/harness/wait.ts'
import { tsProgram } from '../netlab/index.ts'
import { findPeer, interopUnavailable, keepLogs, netmapOf, startClient, startNetwork, type Network, type StockClient } from './harness/index.ts'

const unavailable = interopUnavailable()
if (unavailable !== undefined) console.log(`Stories with stock clients are skipped: ${unavailable}`)

const labPrograms = path.join(import.meta.dirname, '../netlab/programs')
const answersSchema = z.array(z.string().nullable())
const other = { email: 'bob@example.com', password: 'the weir at dusk' }
/** Answers each connection on both ports. */
const twoPorts = 'for (const port of [8080, 8081]) require("node:net").createServer((socket) => socket.on("error", () => {}).end("here")).listen(port, "::", () => port === 8081 && console.log("ready"))'

describe.skipIf(unavailable !== undefined)('the policy language, obeyed', () => {
  let network: Network<'a' | 'b' | 'r1' | 'r2', never>
  let bob: Person | undefined
  let c: StockClient
  const ids: Record<string, number> = {}

  beforeAll(async () => {
    network = await startNetwork({
      prefix: 'policy', sites: { a: { public: true }, b: { public: true }, c: { public: true }, r1: { nat: 'cone' }, r2: { beside: 'r1' }, printer: { beside: 'r1' } },
      clients: { a: { up: ['--accept-routes'] }, b: {}, r1: {}, r2: {} },
    })
    const { control, lab } = network
    const { link } = await control.client.person.invite.mutate({ role: 'admin' })
    await redeem(control.url, link, other)
    bob = await signIn(control.url, other)
    const { key } = await bob.client.authKey.create.mutate({ description: 'another person’s' })
    c = await startClient(lab, 'c', { name: 'c', tun: false })
    await c.up({ loginServer: control.loginServer, authKey: key })
    for (const { id, name } of await control.client.machine.list.query()) ids[name] = id
    for (const router of ['r1', 'r2']) await lab.run(router, ['sysctl', '-qw', 'net.ipv4.ip_forward=1'])
    const started = [lab.spawn('b', [process.execPath, '-e', twoPorts]), lab.spawn('printer', tsProgram(labPrograms, 'reflector', 4000))]
    await Promise.all(started.map((program) => program.seen(/^ready$/m, 15_000)))
  })
  afterEach((context) => keepLogs(context, ...(network?.logged ?? [])))
  afterAll(async () => {
    await bob?.close()
    await network?.remove()
  })

  async function save(document: object): Promise<void> {
    const { policy } = network.control.client
    await policy.save.mutate({
      text: JSON.stringify({ tagOwners: { 'tag:east': [], 'tag:west': [], 'tag:six': [] }, ...document }, null, 2), expectedVersion: (await policy.get.query()).version,
    })
  }

  /** Whether a's system gets through to b on a port. */
  async function isOpen(port: number, address: string): Promise<boolean> {
    const { code } = await network.lab.exec('a', ['timeout', '2', 'bash', '-c', `exec 3<>/dev/tcp/${address}/${port}`])
    return code === 0
  }
  const untilOpen = (port: number, address: string) => waitFor(`port ${port} of b to be open`, async () => (await isOpen(port, address)) || undefined, 20_000)
  const peerNames = async (client: StockClient): Promise<string[]> => Object.values((await client.status()).Peer).map(({ HostName }) => HostName).toSorted()
  const printer = () => network.lab.addressOf('printer')
  const subnet = () => `${printer().split('.').slice(0, 3).join('.')}.0/24`
  /** Who asked, as a host behind the routers sees a's datagram; null: no answer. */
  const askedBy = async (): Promise<string | null> => {
    const [seen] = answersSchema.parse(JSON.parse(await network.lab.run('a', tsProgram(labPrograms, 'ask', 4100, `${printer()}:4000`))))
    return seen?.split(':')[0] ?? null
  }
  const untilAskedBy = (site: 'r1' | 'r2') => waitFor(`traffic by ${site}`, async () => (await askedBy()) === network.lab.addressOf(site) || undefined, 10_000)

  test.each([
    ['grant', { grants: [{ src: ['autogroup:member'], dst: ['autogroup:member'], ip: ['tcp:8080'] }] }],
    ['acl', { acls: [{ action: 'accept', proto: 'tcp', src: ['autogroup:member'], dst: ['autogroup:member:8080'] }] }],
  ])('a port is open by a %s, and the next one is not', async (_, document) => {
    const { a, b } = network.clients
    const address = await b.address()
    await save(document)
    // What one sends before the other knows of it is lost, and is said again after 5 s only.
    for (const [client, peer] of [[a, 'b'], [b, 'a']] as const) await client.untilStatus(`${peer} among its peers`, (status) => findPeer(status, peer) !== undefined, 5000)
    await untilOpen(8080, address)
    expect(await isOpen(8081, address)).toBe(false)
  })

  test('by autogroup:self the machines of one person reach each other, and nobody else’s', async () => {
    await save({ grants: [{ src: ['autogroup:member'], dst: ['autogroup:self'], ip: ['*'] }] })
    await c.untilStatus('nobody among its peers', ({ Peer }) => Object.keys(Peer).length === 0, 5000)
    expect(await peerNames(network.clients.a)).toEqual(['b', 'r1', 'r2'])
    await untilOpen(8081, await network.clients.b.address())
  })

  test('a route that the policy approves carries at once, with the line in the audit trail', async () => {
    await save({ autoApprovers: { routes: { [subnet()]: ['ann@example.com'] } }, grants: [{ src: ['*'], dst: ['*'], ip: ['*'] }] })
    const since = performance.now()
    await network.clients.r1.set(`--advertise-routes=${subnet()}`)
    await network.clients.a.untilStatus(`${subnet()} by r1`, ({ Peer }) => Object.values(Peer).some(({ AllowedIPs }) => AllowedIPs.includes(subnet())), 5000)
    console.log(`a route approved by the policy: at the client ${Math.round(performance.now() - since)} ms after it was offered`)
    await untilAskedBy('r1')
    const { rows } = await network.control.client.activity.list.query({})
    expect(rows.map(({ actor, text }) => `${actor.name} ${text}`)).toContainEqual(expect.stringMatching(new RegExp(`^The policy approved the routes ${subnet()} on r1, line \\d+$`)))
  })

  test('via: traffic goes through the router with the tag, and moves when the policy names the other one', async () => {
    const { machine } = network.control.client
    await save({ autoApprovers: { routes: { [subnet()]: ['tag:east', 'tag:west'] } }, grants: [] })
    await machine.setTags.mutate({ id: ids.r1 ?? 0, tags: ['tag:east'] })
    await machine.setTags.mutate({ id: ids.r2 ?? 0, tags: ['tag:west'] })
    await network.clients.r2.set(`--advertise-routes=${subnet()}`)
    await waitFor('r2’s route to be approved', async () => (await machine.get.query({ id: ids.r2 ?? 0 })).routes === 1 || undefined, 5000)
    const through = (via: string) => save({
      autoApprovers: { routes: { [subnet()]: ['tag:east', 'tag:west'] } }, grants: [{ src: ['autogroup:member'], dst: [subnet()], ip: ['*'], via: [via] }],
    })
    await through('tag:west')
    expect(await untilAskedBy('r2')).toBe(true)
    await through('tag:east')
    expect(await untilAskedBy('r1')).toBe(true)
  })

  test('attributes are in a client’s own map; one without IPv4 is told so, and is reached by IPv6', async () => {
    const { clients: { a, b }, control } = network
    const [four, six] = [await b.address(), await b.address(6)]
    const plain = { grants: [{ src: ['*'], dst: ['*'], ip: ['*'] }] }
    await save({ ...plain, nodeAttrs: [{ target: ['ann@example.com'], attr: ['randomize-client-port', 'funnel'] }, { target: ['tag:six'], attr: ['disable-ipv4'] }] })
    await waitFor('the attribute', async () => Object.keys((await netmapOf(a)).SelfNode.CapMap ?? {}).includes('randomize-client-port') || undefined, 5000)
    expect(Object.keys((await netmapOf(a)).SelfNode.CapMap ?? {})).not.toContain('funnel')
    expect((await control.client.machine.get.query({ id: ids.a ?? 0 })).attributes).toEqual(expect.arrayContaining([
      expect.objectContaining({ name: 'funnel', isSent: false }), expect.objectContaining({ name: 'randomize-client-port', isSent: true }),
    ]))

    await control.client.machine.setTags.mutate({ id: ids.b ?? 0, tags: ['tag:six'] })
    await b.untilStatus('IPv6 alone', ({ TailscaleIPs }) => TailscaleIPs.join() === six, 5000)
    await a.untilStatus('b with IPv6 alone', ({ Peer }) => Object.values(Peer).some(({ HostName, TailscaleIPs }) => HostName === 'b' && TailscaleIPs.join() === six), 5000)
    expect(Object.values((await b.status()).Peer).flatMap(({ TailscaleIPs }) => TailscaleIPs).filter((address) => !address.includes(':'))).toEqual([])
    // By the client itself: the systems of a lab need not have IPv6.
    await waitFor('b to answer through the tunnel', async () => (await a.cli(['ping', '--tsmp', '--c=1', '--timeout=2s', six])).code === 0 || undefined, 20_000)
    expect(await isOpen(8080, four)).toBe(false)

    await control.client.machine.setTags.mutate({ id: ids.b ?? 0, tags: [] })
    await b.untilStatus('both again', ({ TailscaleIPs }) => TailscaleIPs.length === 2, 5000)
    await untilOpen(8080, four)
  })
})
