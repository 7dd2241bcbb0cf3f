import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { waitFor } from '../e2e/harness/wait.ts'
import { freshNetmapOf, interopUnavailable, keepLogs, netmapOf, netmapSchema, relaysSeenBy, startClient, startFlow, startNetwork, untilBoth, type Netmap, type Network, type StockClient } from './harness/index.ts'

const unavailable = interopUnavailable()
if (unavailable !== undefined) console.log(`Stories with stock clients are skipped: ${unavailable}`)

type ClientName = 'a' | 'b' | 'w' | 'u'
const domain = 'towpath.internal'

/** `lone` reaches nothing and is reached by nobody. */
const strict = `{
  "tagOwners": {"tag:relay": ["autogroup:owner"], "tag:web": ["autogroup:owner"], "tag:lone": ["autogroup:owner"], "tag:simulated": ["autogroup:owner"]},
  "grants": [
    {"src": ["ann@example.com"], "dst": ["ann@example.com"], "ip": ["*"]},
    {"src": ["ann@example.com"], "dst": ["tag:web"], "ip": ["tcp:80", "tcp:443"]},
    {"src": ["tag:web"], "dst": ["ann@example.com"], "ip": ["tcp:5432"]},
    {"src": ["ann@example.com"], "dst": ["10.9.0.0/24", "autogroup:internet"], "ip": ["*"]},
    {"src": ["ann@example.com", "tag:web"], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": [{}]}},
  ],
}`

describe.skipIf(unavailable !== undefined)('what stock clients know', () => {
  let network: Network<ClientName, 'lock'>
  let late: StockClient | undefined
  /** Bounded: the machines of this network. */
  const ids = new Map<string, number>()

  beforeAll(async () => {
    network = await startNetwork({
      prefix: 'truth', sites: { a: { nat: 'cone' }, b: { nat: 'cone' }, w: { nat: { onlyUdpPorts: [40_000] } }, u: { nat: 'udp-blocked' }, lock: { public: true } },
      agents: { lock: {} }, clients: { a: {}, b: {}, w: {}, u: {} },
      // A name without TLS: clients that lose it do not come back. These are told its address.
      hosts: { 'towpath.example': '10.0.0.5' }, control: { args: ['--public-url', 'http://towpath.example:3000'] },
    })
    for (const { id, name } of await call().machine.list.query()) ids.set(name, id)
  })
  afterEach((context) => keepLogs(context, ...(network?.logged ?? []), late))
  afterAll(() => network?.remove())

  const call = () => network.control.client
  const idOf = (name: string) => ids.get(name) ?? 0
  const check = (one: string, other: string) => call().machine.checkPath.mutate({ id: idOf(one), peerId: idOf(other) })

  /** Starts clients again; they have said all that they say at a start, but for what they find out later, when this resolves. */
  async function restart(...clients: readonly StockClient[]): Promise<void> {
    await Promise.all(clients.map(async (client) => {
      const one = () => call().machine.get.query({ id: idOf(client.name) })
      const { discoKey } = await one()
      await client.restart()
      await client.untilStatus('running', ({ BackendState }) => BackendState === 'Running', 15_000)
      await waitFor(`${client.name} to have said where it is`, async () => {
        const now = await one()
        return now.online && now.discoKey !== discoKey && now.endpoints.length > 0 ? true : undefined
      }, 15_000)
    }))
  }

  describe('of their paths', () => {
    test('"Check path" says direct, which relay, or DERP, with the latency', async () => {
      const { clients: { a, b, w }, lab } = network
      const flows = await Promise.all([startFlow(lab, { from: 'a', to: 'b', address: await b.address() }), startFlow(lab, { from: 'w', to: 'a', address: await a.address() })])
      await Promise.all([untilBoth([a, b], 'direct', 20_000), untilBoth([w, a], 'peer-relay', 40_000)])
      const [direct, relayed, derp] = [await check('a', 'b'), await check('w', 'a'), await check('a', 'u')]
      for (const { sentence, latencyMs } of [direct, relayed, derp]) console.log(sentence, latencyMs)
      expect(direct).toMatchObject({ kind: 'direct', endpoint: `${lab.outsideOf('b')}:41641`, relay: null, from: { name: 'a' }, to: { name: 'b' } })
      expect(relayed).toMatchObject({ kind: 'relay', relay: { id: network.agents.lock.id, name: 'lock' }, endpoint: `${lab.addressOf('lock')}:40000` })
      expect(derp).toMatchObject({ kind: 'derp', derpCode: 'home', relay: null })
      for (const { latencyMs } of [direct, relayed, derp]) expect(latencyMs).toBeGreaterThan(0)
      await Promise.all(flows.map((flow) => flow.stop()))
    })

    test('a peer that is gone does not answer; two that are gone cannot be asked', async () => {
      const { u, w } = network.clients
      await u.kill()
      const gone = await check('a', 'u')
      expect(gone).toMatchObject({ kind: 'none', latencyMs: null, sentence: 'a got no answer from u.' })
      await w.kill()
      await waitFor('both to be offline', async () => (await call().machine.list.query()).filter(({ online }) => !online).length === 2 || undefined, 20_000)
      await expect(check('u', 'w')).rejects.toThrow(/Neither can be asked: u is offline, and w is offline/)
      await restart(u, w)
    })
  })

  test('of what the control plane has to say, `tailscale status` shows it', async () => {
    const { joinWarning } = await call().setting.get.query()
    expect(joinWarning).not.toBe('')
    const { a } = network.clients
    await a.untilStatus('the message', ({ Health }) => Health.some((text) => text.includes(joinWarning)), 5000)
    expect((await netmapOf(a)).DisplayMessages).toMatchObject({ 'towpath-login-server': { Title: 'This login server is not reached again', Text: joinWarning } })
    expect(await a.mustCli(['status'])).toContain(joinWarning)
  })

  describe('of their map', () => {
    const shown = (ips: readonly string[]): string[] => ips.map((ip) => `${ip}/${ip.includes(':') ? 128 : 32}`)

    /** A peer as the dashboard has it, in a client's words. */
    async function meant(name: string) {
      const one = await call().machine.get.query({ id: idOf(name) })
      const regions = await call().derp.list.query()
      const routes = one.subnetRoutes.filter(({ carries }) => carries).map(({ route }) => route)
      return {
        ID: one.id, StableID: one.stableId, Name: `${one.name}.${domain}.`, Key: one.nodeKey, DiscoKey: one.discoKey, Addresses: shown(one.addresses),
        AllowedIPs: [...shown(one.addresses), ...routes, ...(one.exitNode === 'approved' ? ['0.0.0.0/0', '::/0'] : [])].toSorted(), PrimaryRoutes: routes,
        Endpoints: one.kind === 'client' ? one.endpoints.toSorted() : [], Tags: one.tags.toSorted(), Cap: one.capVersion, Online: one.online,
        HomeDERP: [regions.own, ...regions.saved].find(({ code }) => code === one.homeDerp)?.id ?? 0, expires: one.keyExpiry?.getTime() ?? null,
      }
    }

    /** The same of a peer as a client has it. */
    function known({ ID, StableID, Name, Key, DiscoKey, Addresses, AllowedIPs, PrimaryRoutes, Endpoints, Tags, Cap, Online, HomeDERP, KeyExpiry }: Netmap['Peers'][number]) {
      return {
        ID, StableID, Name, Key, DiscoKey, Addresses, AllowedIPs: AllowedIPs.toSorted(), PrimaryRoutes, Endpoints: Endpoints.toSorted(), Tags: Tags.toSorted(),
        Cap, Online, HomeDERP, expires: KeyExpiry === undefined ? null : Date.parse(KeyExpiry),
      }
    }

    /** No patch takes a peer's last time away again: of one that is online it says nothing, whether it is there or not. */
    function withoutOldTimes<Map extends Pick<Netmap, 'Peers'>>(map: Map) {
      return { ...map, Peers: map.Peers.map((peer) => peer.Online ? { ...peer, LastSeen: undefined } : peer) }
    }

    /**
     * Waits until the client's peers are these, as the dashboard has them, as many rules let something in, and nothing changes any more; then
     * begins its stream anew: all that it was told in parts must have come to the same as what it is told at once.
     */
    async function isTrue(client: StockClient, peers: readonly string[], rules: number): Promise<Netmap> {
      const wanted = async () => (await Promise.all(peers.map(meant))).toSorted((a, b) => a.ID - b.ID)
      let [last, same] = ['', 0]
      await waitFor(`${client.name} to know what is meant`, async () => {
        const map = await netmapOf(client)
        const before = last
        last = JSON.stringify(map)
        same = last === before ? same + 1 : 0
        return same >= 2 && map.PacketFilter.length === rules && JSON.stringify(map.Peers.map(known)) === JSON.stringify(await wanted()) ? true : undefined
      }, 10_000, 300).catch(() => undefined)
      const parts = await netmapOf(client)
      expect(parts.Peers.map(known)).toEqual(await wanted())
      // None that it was told was left out as one that it cannot read.
      expect([parts.PacketFilter.length, parts.PacketFilterRules.length]).toEqual([rules, rules])
      const { UserProfiles, ...whole } = await freshNetmapOf(client, network.lab)
      // A person whom it was told of is never taken back.
      expect(withoutOldTimes(parts)).toEqual(withoutOldTimes({ ...whole, UserProfiles: expect.objectContaining(UserProfiles) }))
      // It answers the control plane the same.
      const answered = netmapSchema.parse((await call().machine.readNetmap.mutate({ id: idOf(client.name) })).current)
      expect([answered.SelfNode, answered.Peers.map(known), answered.PacketFilterRules, answered.DNS]).toEqual([whole.SelfNode, parts.Peers.map(known), whole.PacketFilterRules, whole.DNS])
      return parts
    }

    const ports = (map: Netmap): string[] => map.PacketFilter.flatMap(({ Dsts }) => (Dsts ?? []).map((one) => JSON.stringify(one))).toSorted()
    const relayAddress = async () => (await call().machine.get.query({ id: network.agents.lock.id })).addresses[0] ?? ''

    test('all see all under the first policy, relays with what they may be used for', async () => {
      const { a } = network.clients
      // Everything, and the relay.
      const map = await isTrue(a, ['b', 'w', 'u', 'lock'], 2)
      expect(map.SelfNode).toMatchObject({ Name: `a.${domain}.`, MachineAuthorized: true, Key: (await call().machine.get.query({ id: idOf('a') })).nodeKey })
      expect(map).toMatchObject({ Domain: domain, DNS: { Proxied: true, Domains: [domain] }, DERPMap: { Regions: { 900: { RegionCode: 'home' } }, omitDefaultRegions: true } })
      expect(map.PacketFilter.flatMap(({ Caps }) => Caps ?? []).map(({ Cap }) => Cap)).toEqual(['tailscale.com/cap/relay-target', 'tailscale.com/cap/relay-target'])
      expect(await relaysSeenBy(a)).toEqual([await relayAddress()])
      expect(Object.values(map.UserProfiles).map(({ LoginName }) => LoginName).toSorted()).toEqual(['ann@example.com', 'tagged-devices'])
    })

    test('another policy and other tags: each sees whom a grant joins it to, and lets in what is granted', async () => {
      const { a, b, u } = network.clients
      await call().policy.save.mutate({ text: strict, expectedVersion: (await call().policy.get.query()).version })
      await Promise.all([call().machine.setTags.mutate({ id: idOf('b'), tags: ['tag:web'] }), call().machine.setTags.mutate({ id: idOf('u'), tags: ['tag:lone'] })])
      await isTrue(a, ['b', 'w', 'lock'], 3)
      const map = await isTrue(b, ['a', 'w', 'lock'], 2)
      expect(ports(map)).toEqual([443, 80, 443, 80].map((port) => expect.stringContaining(`"First":${port},"Last":${port}`)))
      await isTrue(u, [], 0)
    })

    test('a new name, another disco key, other endpoints', async () => {
      const { clients: { a, b, w }, lab } = network
      await call().machine.rename.mutate({ id: idOf('b'), name: 'shop' })
      const [before] = (await isTrue(a, ['b', 'w', 'lock'], 3)).Peers.filter(({ Name }) => Name === `shop.${domain}.`)
      await restart(b)
      await isTrue(a, ['b', 'w', 'lock'], 3)
      await lab.renumber('b')
      // Its connection to the control plane is lost as well, and it would notice in two minutes.
      await freshNetmapOf(b, lab)
      await b.mustCli(['debug', 'restun'])
      await waitFor('its new endpoint', async () => (await call().machine.get.query({ id: idOf('b') })).endpoints.some((one) => one.startsWith(lab.outsideOf('b'))) || undefined, 30_000)
      const [after] = (await isTrue(a, ['b', 'w', 'lock'], 3)).Peers.filter(({ Name }) => Name === `shop.${domain}.`)
      expect(after?.DiscoKey).not.toBe(before?.DiscoKey)
      await isTrue(w, ['a', 'b', 'lock'], 3)
    })

    test('a route, DNS settings and a DERP region more', async () => {
      const { a, w } = network.clients
      await w.set('--advertise-routes=10.9.0.0/24', '--advertise-exit-node')
      await waitFor('it to be offered', async () => (await call().machine.get.query({ id: idOf('w') })).exitNode === 'offered' || undefined, 5000)
      await call().machine.setRoutes.mutate({ id: idOf('w'), routes: ['10.9.0.0/24'], exitNode: true })
      const settings = { domain, magicDns: true, searchDomains: ['corp.example'], resolvers: ['9.9.9.9'], records: [{ name: 'printer.corp.example', value: '192.0.2.9' }] }
      await call().dns.save.mutate({ ...settings, routes: [{ suffix: 'corp.example', resolvers: ['198.51.100.53'] }] })
      await call().derp.save.mutate({ code: 'far', name: 'Far', servers: [{ host: 'derp.far.example', ipv4: '203.0.113.9', ipv6: 'none' }] })
      const map = await isTrue(a, ['b', 'w', 'lock'], 3)
      expect(map.Peers.find(({ ID }) => ID === idOf('w'))?.AllowedIPs).toEqual(expect.arrayContaining(['10.9.0.0/24', '0.0.0.0/0', '::/0']))
      expect(map.DNS).toMatchObject({ Domains: [domain, 'corp.example'], Resolvers: [{ Addr: '9.9.9.9' }], Routes: { 'corp.example': [{ Addr: '198.51.100.53' }] }, ExtraRecords: [{ Name: 'printer.corp.example', Value: '192.0.2.9' }] })
      expect(Object.keys(map.DERPMap.Regions)).toEqual(['900', '901'])
      // Who may send through it is its own to let in.
      expect(ports(await isTrue(w, ['a', 'b', 'lock'], 3)).some((one) => one.includes('10.9.0.0/24'))).toBe(true)
      await call().dns.save.mutate({ ...settings, searchDomains: [], resolvers: [], records: [], routes: [] })
      await call().derp.remove.mutate({ id: 901 })
      expect(Object.keys((await isTrue(a, ['b', 'w', 'lock'], 3)).DERPMap.Regions)).toEqual(['900'])
    })

    test('a relay off and on, a peer away and back', async () => {
      const { agents: { lock }, clients: { a, w } } = network
      await call().relay.setAdvertised.mutate({ id: lock.id, advertised: false })
      await w.stop()
      await waitFor('w to be offline', async () => !(await call().machine.get.query({ id: idOf('w') })).online || undefined, 20_000)
      // What is meant is said at once, though the relay serves those whom it has a while longer.
      await isTrue(a, ['b', 'w', 'lock'], 2)
      expect(await relaysSeenBy(a)).toEqual([])
      await lock.switchTo('relaying')
      await restart(w)
      await isTrue(a, ['b', 'w', 'lock'], 3)
      expect(await relaysSeenBy(a)).toEqual([await relayAddress()])
    })

    test('who logs out is nobody’s peer, who is removed must log in again; the last peer goes, too', async () => {
      const { a, b, w } = network.clients
      await w.logout()
      expect((await call().machine.get.query({ id: idOf('w') })).keyExpired).toBe(true)
      expect((await w.cli(['status'])).stdout).toContain('Logged out')
      await isTrue(a, ['b', 'lock'], 3)
      const removed = performance.now()
      await call().machine.remove.mutate({ id: idOf('b') })
      await b.untilStatus('in need of a login', ({ BackendState }) => BackendState === 'NeedsLogin', 5000)
      console.log(`removed: in need of a login after ${Math.round(performance.now() - removed)} ms`)
      const { stdout } = await b.cli(['status'])
      expect(stdout).toContain('Logged out')
      await isTrue(a, ['lock'], 2)
      await network.agents.lock.stop()
      await call().machine.remove.mutate({ id: idOf('lock') })
      const map = await isTrue(a, [], 1)
      expect(map.Peers).toEqual([])
      expect(await relaysSeenBy(a)).toEqual([])
      expect([(await a.status()).BackendState, (await b.status()).BackendState]).toEqual(['Running', 'NeedsLogin'])
    })

    test('who waits for approval is shown why', async () => {
      await call().setting.update.mutate({ machineApproval: true })
      late = await startClient(network.lab, 'lock', { name: 'late' })
      const up = late.startUp({ loginServer: network.control.loginServer, authKey: await network.control.authKey({ preApproved: false }) })
      await late.untilStatus('waiting, with the message', ({ BackendState, Health }) => BackendState === 'NeedsMachineAuth' && Health.some((text) => text.includes('until somebody approves it')), 10_000)
      expect((await late.cli(['status'])).stdout).toContain('not yet approved')
      await up.stop()
    })
  })
})
