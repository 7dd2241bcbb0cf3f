import path from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { waitFor } from '../e2e/harness/wait.ts'
import { createLab, tsProgram, type Lab } from '../netlab/index.ts'
import { interopUnavailable, startClient, startControl, type Control, type StockClient } from './harness/index.ts'

const unavailable = interopUnavailable()
const programs = path.join(import.meta.dirname, 'harness', 'programs')
const reportSchema = z.object({ UDP: z.boolean(), PreferredDERP: z.number(), RegionLatency: z.record(z.string(), z.number()).nullable() })
const debugSchema = z.object({ Info: z.array(z.string()).nullable(), Warnings: z.array(z.string()).nullable(), Errors: z.array(z.string()).nullable() })

describe.skipIf(unavailable !== undefined)('DERP for stock clients', () => {
  let lab: Lab
  let control: Control
  let a: StockClient
  let b: StockClient

  beforeAll(async () => {
    lab = await createLab({
      prefix: 'derp', sites: { control: { public: true, address: '10.0.0.5', here: true }, far: { public: true }, a: { nat: 'hard' }, b: { nat: 'udp-blocked' } },
    })
    const [made, one, two] = await Promise.all([startControl(lab, 'control'), startClient(lab, 'a', { name: 'a', tun: false }), startClient(lab, 'b', { name: 'b', tun: false })])
    control = made
    a = one
    b = two
    const authKey = await control.authKey({ reusable: true })
    await Promise.all([a, b].map((client) => client.up({ loginServer: control.loginServer, authKey })))
  }, 300_000)
  afterAll(async () => {
    await control?.remove()
    await lab?.remove()
  })

  const netcheck = async (client: StockClient) => reportSchema.parse(JSON.parse(await client.mustCli(['netcheck', '--format=json'])))
  const homeOf = async (name: string) => (await control.client.machine.list.query()).find((machine) => machine.name === name)?.homeDerp
  const untilHome = (name: string, code: string) => waitFor(`${name} to be at home in ${code}`, async () => (await homeOf(name)) === code || undefined, 90_000)

  test('our region is measured by STUN, and by HTTPS where UDP is blocked; it is the home of both', async () => {
    expect(await netcheck(a)).toMatchObject({ UDP: true, PreferredDERP: 900, RegionLatency: { 900: expect.any(Number) } })
    expect(await netcheck(b)).toMatchObject({ UDP: false, PreferredDERP: 900, RegionLatency: { 900: expect.any(Number) } })
    // It stays for those at home there until they have looked again: nobody is off DERP meanwhile.
    await a.pingUntil('b', 'derp', 10_000)
    await Promise.all([untilHome('a', 'home'), untilHome('b', 'home')])
    expect((await a.pingUntil('b', 'derp', 15_000)).pong.derp).toBe('home')
  })

  test('a client that looks closely finds it in order', async () => {
    const { Info, Errors } = debugSchema.parse(JSON.parse(await a.mustCli(['debug', 'derp', '900'], 60_000)))
    expect(Info).toEqual(expect.arrayContaining([expect.stringMatching(/established a DERP connection/), expect.stringMatching(/returned IPv4 STUN response/)]))
    // It tries IPv6 whatever the map says of it.
    expect((Errors ?? []).filter((text) => !text.includes('over IPv6'))).toEqual([])
  })

  test('a server elsewhere that is nearer becomes the home; when its region is removed, ours is again', async () => {
    const folder = path.join(lab.folder, 'derp-far')
    const host = lab.addressOf('far')
    const server = lab.spawn('far', tsProgram(programs, 'derp', host, folder, 8443, 3479))
    onTestFinished(async () => void await server.stop())
    const [, pin = ''] = await server.seen(/^pin (\S+)$/m, 15_000)
    await lab.shape('control', { delayMs: 60 })
    await control.client.derp.save.mutate({ code: 'far', name: 'Far', servers: [{ host, ipv4: host, ipv6: 'none', derpPort: 8443, stunPort: 3479, pin }] })
    await waitFor('a to be told of it', async () => (await a.mustCli(['debug', 'derp-map'])).includes('"901"') || undefined, 5000)
    expect(await netcheck(b)).toMatchObject({ RegionLatency: { 901: expect.any(Number) } })
    // A running client changes its home when it has measured a few times; one that starts takes the nearest.
    await b.restart()
    await untilHome('b', 'far')
    expect((await a.pingUntil('b', 'derp', 15_000)).pong.derp).toBe('far')
    // Of the other too, if it has looked again by now.
    expect((await control.client.derp.list.query()).saved[0]?.machines).toBeGreaterThanOrEqual(1)
    await control.client.derp.remove.mutate({ id: 901 })
    await waitFor('b to be told that it is nobody’s home any more', async () => (await b.mustCli(['debug', 'derp-map'])).includes('NoMeasureNoHome') || undefined, 5000)
    // A client without traffic does not measure again by itself, and these have none; nor does one leave a home that it has just heard from.
    for (const client of [a, b]) {
      await waitFor(`${client.name} to be at home in ours again`, async () => {
        if ((await homeOf(client.name)) === 'home') return true
        await client.mustCli(['debug', 'restun'])
        return undefined
      }, 150_000, 5000)
    }
    // The other end hears of it a moment later, and may still answer by the old way.
    await waitFor('a ping of a to go by our region', async () => (await a.ping('b').catch(() => undefined))?.derp === 'home' || undefined, 30_000)
  }, 240_000)
})
