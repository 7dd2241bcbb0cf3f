import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createLab, labUnavailable, routerOf, tsProgram, type Lab } from './index.ts'

const unavailable = labUnavailable()
if (unavailable !== undefined) console.log(`The lab's tests are skipped: ${unavailable}`)

const programs = `${import.meta.dirname}/programs`
const answersSchema = z.array(z.string().nullable())

describe.skipIf(unavailable !== undefined)('a lab', () => {
  let lab: Lab
  let targets: string[]

  /** How the two public hosts see one socket of the site. */
  async function seenFrom(site: string, port: number): Promise<(string | null)[]> {
    return answersSchema.parse(JSON.parse(await lab.run(site, tsProgram(programs, 'ask', port, ...targets))))
  }

  const pinged = async (from: string, address: string, ...more: string[]): Promise<number | undefined> => {
    const { code, stdout } = await lab.exec(from, ['ping', '-n', '-c', '1', '-W', '1', ...more, address])
    return code === 0 ? Number(/time=([\d.]+)/.exec(stdout)?.[1]) : undefined
  }

  beforeAll(async () => {
    lab = await createLab({
      prefix: 'self', ipv6: true, hosts: { 'towpath.example': '10.0.0.5' },
      sites: { control: { public: true, address: '10.0.0.5', here: true }, relay: { public: true }, a: { nat: 'hard' }, b: { nat: 'cone' }, guest: { beside: 'b' } },
    })
    targets = [`${lab.addressOf('control')}:4000`, `${lab.addressOf('relay')}:4000`]
    await Promise.all(['control', 'relay'].map((site) => lab.spawn(site, tsProgram(programs, 'reflector', 4000)).seen(/ready/, 10_000)))
  })
  afterAll(() => lab?.remove())

  test('a hard NAT maps by destination, a cone does not', async () => {
    const [hard, cone] = await Promise.all([seenFrom('a', 41641), seenFrom('b', 41641)])
    expect(hard[0]).toMatch(/^198\.51\.100\.101:\d+$/)
    expect(hard[1]).toMatch(/^198\.51\.100\.101:\d+$/)
    expect(hard[0]).not.toBe(hard[1])
    expect(cone).toEqual([`${lab.outsideOf('b')}:41641`, `${lab.outsideOf('b')}:41641`])
  })

  test('a mapping stands until its router forgets it', async () => {
    const [before, again] = [await seenFrom('a', 41642), await seenFrom('a', 41642)]
    expect(again).toEqual(before)
    await lab.flushNat('a')
    const after = await seenFrom('a', 41642)
    expect(after).not.toContain(before[0])
    expect(after).not.toContain(before[1])
  })

  test('a router that is renumbered has its site at another address, and back', async () => {
    const first = lab.outsideOf('b')
    for (const isChanged of [true, false]) {
      await lab.renumber('b')
      const now = lab.outsideOf('b')
      expect(now !== first).toBe(isChanged)
      expect(await seenFrom('b', 41643)).toEqual([`${now}:41643`, `${now}:41643`])
    }
  })

  test('blocked UDP does not leave, while other things do; with one port allowed, only there', async () => {
    await lab.setNat('b', 'udp-blocked')
    expect(await seenFrom('b', 41644)).toEqual([null, null])
    expect(await pinged('b', lab.addressOf('control'))).toBeDefined()
    await lab.setNat('b', { onlyUdpPorts: [4000] })
    expect(await seenFrom('b', 41644)).not.toContain(null)
    await lab.setNat('b', { onlyUdpPorts: [4001] })
    expect(await seenFrom('b', 41644)).toEqual([null, null])
    await lab.setNat('b', 'cone')
  })

  test('an open router lets strangers in, a cone does not; opening it needs no rebuilding', async () => {
    const inside = lab.spawn('b', tsProgram(programs, 'reflector', 4100))
    await inside.seen(/ready/, 10_000)
    const ask = () => lab.run('relay', tsProgram(programs, 'ask', 4200, `${lab.outsideOf('b')}:4100`))
    expect(JSON.parse(await ask())).toEqual([null])
    await lab.setNat('b', 'open', { keepFlows: true })
    expect(JSON.parse(await ask())).toEqual([`${lab.addressOf('relay')}:4200`])
    await lab.setNat('b', 'cone')
    await inside.stop()
  })

  test('a delay is there in both directions and goes again; loss loses', async () => {
    expect(await pinged('a', lab.addressOf('relay'))).toBeLessThan(15)
    await lab.shape('relay', { delayMs: 20 })
    const slow = await pinged('a', lab.addressOf('relay'))
    expect(slow).toBeGreaterThanOrEqual(40)
    expect(slow).toBeLessThan(70)
    await lab.shape('relay', { lossPercent: 50 })
    const { stdout } = await lab.exec('a', ['ping', '-n', '-q', '-c', '100', '-i', '0.005', '-W', '1', lab.addressOf('relay')])
    const lost = Number(/([\d.]+)% packet loss/.exec(stdout)?.[1])
    expect(lost).toBeGreaterThan(50)
    expect(lost).toBeLessThan(95)
    await lab.shape('relay', {})
    expect(await pinged('a', lab.addressOf('relay'))).toBeLessThan(15)
  })

  test('a shaped cable carries its rate and no more', async () => {
    await lab.shape('relay', { bitsPerSecond: 20_000_000, delayMs: 5 })
    const server = lab.spawn('relay', ['iperf3', '-s', '-1', '--forceflush'])
    await server.seen(/listening/, 5000)
    const report = z.object({ end: z.object({ sum_received: z.object({ bits_per_second: z.number() }) }) })
    const { end } = report.parse(JSON.parse(await lab.run('b', ['iperf3', '-J', '-t', '2', '-O', '1', '-c', lab.addressOf('relay')])))
    expect(end.sum_received.bits_per_second).toBeGreaterThan(14_000_000)
    expect(end.sum_received.bits_per_second).toBeLessThan(21_000_000)
    await lab.shape('relay', {})
    await server.exited
  })

  test('a cut cable is silent until it is joined; a blocked pair is apart, others are not', async () => {
    await lab.cut('a')
    expect(await pinged('a', lab.addressOf('relay'))).toBeUndefined()
    await lab.join('a')
    expect(await pinged('a', lab.addressOf('relay'))).toBeDefined()
    await lab.block('a', 'relay')
    expect(await pinged('a', lab.addressOf('relay'))).toBeUndefined()
    expect(await pinged('a', lab.addressOf('control'))).toBeDefined()
    await lab.unblock('a', 'relay')
    expect(await pinged('a', lab.addressOf('relay'))).toBeDefined()
  })

  test('IPv6 goes without NAT, and only answers come in', async () => {
    expect(await pinged('a', lab.addressOf('relay', 6), '-6')).toBeDefined()
    expect(await pinged('relay', lab.addressOf('a', 6), '-6')).toBeUndefined()
  })

  test('hosts of one network reach each other; the test process reaches the site with a cable to here; names are known', async () => {
    expect(await pinged('guest', lab.addressOf('b'))).toBeDefined()
    expect(await pinged('guest', lab.addressOf('b.router'))).toBeDefined()
    expect(await pinged('b', 'towpath.example')).toBeDefined()
    const server = lab.spawn('control', [process.execPath, '-e', 'require("http").createServer((_, a) => a.end("here")).listen(3000, "0.0.0.0", () => console.log("ready"))'])
    await server.seen(/ready/, 5000)
    expect(await (await fetch(`http://${lab.addressFromHere('control')}:3000`)).text()).toBe('here')
    await server.stop()
  })

  test('what a site writes to its resolv.conf stays there', async () => {
    const before = readFileSync('/etc/resolv.conf', 'utf8')
    await lab.run('a', ['sh', '-c', 'echo "nameserver 100.100.100.100" > /etc/new && mv /etc/new /etc/resolv.conf'])
    expect(await lab.run('a', ['cat', '/etc/resolv.conf'])).toBe('nameserver 100.100.100.100\n')
    expect(await lab.run('b', ['cat', '/etc/resolv.conf'])).not.toContain('100.100.100.100')
    expect(readFileSync('/etc/resolv.conf', 'utf8')).toBe(before)
  })

  test('a router is a place, too', async () => {
    expect(await lab.run(routerOf('a'), ['cat', '/proc/sys/net/ipv4/ip_forward'])).toBe('1\n')
  })
})

const left = (prefix: string) => [...readdirSync(tmpdir()), ...(existsSync('/run/netns') ? readdirSync('/run/netns') : [])].filter((name) => name.includes(`-${prefix}-`))

describe.skipIf(unavailable !== undefined)('the end of a lab', () => {
  test('nothing stays, processes neither', async () => {
    const lab = await createLab({ prefix: 'gone', sites: { here: { public: true, here: true } } })
    const program = lab.spawn('here', ['sleep', '600'])
    expect(left('gone')).not.toEqual([])
    await lab.remove()
    await program.exited
    expect(left('gone')).toEqual([])
  })

  test('a lab whose maker was killed goes with the next of its prefix; one whose maker lives stays', async () => {
    const maker = (text: string) => [process.execPath, '--import', 'tsx', '-e', `import(${JSON.stringify(`${import.meta.dirname}/index.ts`)}).then(async ({ createLab }) => { await createLab({ prefix: 'crash', sites: { a: { nat: 'hard' } } }); ${text} })`]
    const { execute } = await import('./execute.ts')
    const { stderr } = await execute(maker('process.kill(process.pid, "SIGKILL")'))
    expect(stderr).toBe('')
    expect(left('crash')).toHaveLength(4)
    const first = await createLab({ prefix: 'crash', sites: { a: { public: true } } })
    expect(left('crash')).toHaveLength(3)
    const second = await createLab({ prefix: 'crash', sites: { a: { public: true } } })
    expect(left('crash')).toHaveLength(6)
    await first.remove()
    await second.remove()
    expect(left('crash')).toEqual([])
  })
})
