import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { bundleAgent } from '../../agent/bundle.ts'
import { DataFolder } from '../../agent/config.ts'
import { startFakeControl, type FakeControl } from '../../tests/agent/fake-control.ts'
import { createAgentDownloads } from './index.ts'
import { installScript } from './install-script.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'towpath-install-'))
const bundlePath = path.join(folder, 'built', 'agent.mjs')
const home = path.join(folder, 'a home')
const prefix = path.join(home, 'agent')
let web: Server
let base = ''
let control: FakeControl

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

function run(file: string, words: readonly string[], env: Readonly<Record<string, string>> = {}, input?: string | Promise<string>, cwd?: string): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(file, words, { env: { ...process.env, HOME: home, ...env }, cwd }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, out, err })
    })
    void Promise.resolve(input).then((text) => child.stdin?.end(text))
  })
}

/** The script as `curl … | sh -s -- …` runs it, never touching a service of the machine that tests. */
function install(words: readonly string[], env: Readonly<Record<string, string>> = {}, script?: string): Promise<Ran> {
  const all = ['-s', '--', '--no-systemd', '--prefix', prefix, ...words]
  return run('/bin/sh', all, env, script ?? fetch(`${base}/agent/install.sh`).then((response) => response.text()))
}

beforeAll(async () => {
  mkdirSync(home)
  await bundleAgent(bundlePath)
  control = await startFakeControl({
    admit: ({ authKey }) => (authKey === 'bad' ? 'The auth key has been used up' : undefined),
    authorized: ({ name }) => name !== 'stranger',
  })
  // The agent's channel and the downloads are of one origin: the fake one answers the channel, this the rest.
  const downloads = createAgentDownloads({ publicUrl: () => `${control.url}/`, bundlePath })
  web = createServer((request, response) => void downloads(request, response))
  control.serve(downloads)
  await new Promise<void>((resolve) => {
    web.listen(0, '127.0.0.1', resolve)
  })
  const address = web.address()
  base = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
})

afterAll(async () => {
  await install(['--uninstall'])
  await control.close()
  await new Promise((resolve) => {
    web.close(resolve)
  })
  rmSync(folder, { recursive: true, force: true })
})

const pidFile = path.join(prefix, 'data', 'agent.pid')
const isAlive = (pid: string) => existsSync(`/proc/${pid.trim()}`)

test('serves the bundle, its hash and the script; other requests are not its', async () => {
  const bytes = Buffer.from(await (await fetch(`${base}/agent/agent.mjs`)).arrayBuffer())
  expect(bytes.equals(readFileSync(bundlePath))).toBe(true)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  expect(await (await fetch(`${base}/agent/agent.mjs.sha256`)).text()).toBe(`${sha256}  agent.mjs\n`)
  const script = await (await fetch(`${base}/agent/install.sh`)).text()
  expect(script).toContain(`SERVER='${control.url}'\nSHA256='${sha256}'\n`)
  expect((await fetch(`${base}/agent/other`)).status).toBe(404)
  expect((await fetch(`${base}/agent/install.sh`, { method: 'POST' })).status).toBe(405)
})

test('where the agent is not built, it says so', async () => {
  const server = createServer(createAgentDownloads({ publicUrl: base, bundlePath: path.join(folder, 'none') }))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const response = await fetch(`http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/agent/install.sh`)
  expect([response.status, await response.text()]).toEqual([503, expect.stringContaining('not built')])
  server.close()
})

test('a dry run says what it would do and does nothing', async () => {
  const ran = await install(['--auth-key', 'k', '--dry-run'])
  expect(ran).toMatchObject({ code: 0, err: '' })
  expect(ran.out).toContain(`downloading ${control.url}/agent/agent.mjs to ${prefix}`)
  expect(existsSync(prefix)).toBe(false)
})

test('a refused key: the reason, exit code 1, nothing runs', async () => {
  const ran = await install(['--auth-key=bad'])
  expect(ran.code).toBe(1)
  expect(ran.err).toContain('The auth key has been used up. Make another key')
  expect(existsSync(pidFile)).toBe(false)
  expect(existsSync(path.join(prefix, 'data', 'auth-key'))).toBe(false)
})

test('installs, joins and starts; again: brings up to date and keeps the keys; then removes', async () => {
  const first = await install(['--auth-key', 'good', '--name', 'tow'])
  expect(first).toMatchObject({ code: 0, err: '' })
  expect(first.out).toContain(`Joined ${control.url} as tow`)
  expect(first.out).toMatch(/^Control plane +http.+\((not )?connected\)$/m)
  expect(first.out).toContain('@reboot')
  const pid = readFileSync(pidFile, 'utf8')
  const keys = readFileSync(path.join(prefix, 'data', 'keys.json'), 'utf8')
  expect(isAlive(pid)).toBe(true)
  expect(await run(path.join(prefix, 'towpath-agent'), ['status'])).toMatchObject({ code: 0, out: expect.stringMatching(/^Control plane +http/m) })

  const second = await install([])
  expect(second).toMatchObject({ code: 0, err: '' })
  expect(second.out).toContain('has joined before')
  expect(isAlive(pid)).toBe(false)
  const newPid = readFileSync(pidFile, 'utf8')
  expect(isAlive(newPid)).toBe(true)
  expect(readFileSync(path.join(prefix, 'data', 'keys.json'), 'utf8')).toBe(keys)

  for (const name of ['agent.log', 'agent.pid']) expect(statSync(path.join(prefix, 'data', name)).mode & 0o777).toBe(0o600)

  const wrong = await install(['--auth-key=bad'])
  expect(wrong.code).toBe(1)
  expect(wrong.err).toContain('The auth key has been used up. Make another key')
  expect(wrong.err).toContain('The agent that ran before runs again')
  const againPid = readFileSync(pidFile, 'utf8')
  expect(againPid).not.toBe(newPid)
  expect(isAlive(againPid)).toBe(true)
  await expect.poll(async () => (await run(path.join(prefix, 'towpath-agent'), ['status'])).out, { timeout: 10_000 }).toContain('(connected)')

  const removed = await install(['--uninstall'])
  expect(removed.code).toBe(0)
  await expect.poll(() => isAlive(againPid)).toBe(false)
  expect(existsSync(path.join(prefix, 'agent.mjs'))).toBe(false)
  expect(existsSync(path.join(prefix, 'data', 'keys.json'))).toBe(true)
})

test('options of the agent: kept for each start, also when run again without; a wrong one changes nothing', async () => {
  const data = path.join(folder, 'options')
  const status = async () => (await run(path.join(prefix, 'towpath-agent'), ['status'], { TOWPATH_AGENT_DATA: data })).out
  const own = ['--data', data]
  onTestFinished(async () => void await install(['--uninstall', ...own]))

  const first = await install(['--auth-key', 'good', ...own, '--data-plane', 'dgram', '--session-rate=3 mbit'])
  expect(first).toMatchObject({ code: 0, err: '' })
  expect(first.out).toContain('towpath: keeping --data-plane=dgram --session-rate=3 mbit for each start\n')
  expect(await status()).toMatch(/^Data plane +dgram$[^]+^Session rate +3 Mbit\/s each way$/m)

  const second = await install(own)
  expect(second).toMatchObject({ code: 0, err: '' })
  expect(second.out).not.toContain('keeping --')
  expect(await status()).toMatch(/^Session rate +3 Mbit/m)

  const pid = readFileSync(path.join(data, 'agent.pid'), 'utf8')
  expect(await install([...own, '--session-rate=', '--workers', 'all'])).toMatchObject({ code: 1, err: 'towpath: --workers is a number from 1 to 64, not "all"\n' })
  expect(isAlive(pid)).toBe(true)
  expect(new DataFolder(data).forwarding()).toEqual({ dataPlane: 'dgram', sessionRate: 3_000_000 })
  expect(await run(path.join(prefix, 'towpath-agent'), ['set', '--workers=1', ...own])).toEqual({
    code: 0, err: '', out: expect.stringContaining(`1 worker, session rate 3 Mbit/s; restart it: curl -fsSL ${control.url}/agent/install.sh | sh -s -- --no-systemd --prefix '${prefix}' --data ${data}\n`),
  })
}, 60_000)

test('without a key: the machine waits, and the installer says for what', async () => {
  const data = path.join(folder, 'stranger')
  const ran = await install(['--name', 'stranger', '--data', data])
  await install(['--uninstall', '--data', data])
  expect(ran).toMatchObject({ code: 0, err: '' })
  expect(ran.out).toContain('stranger, which waits for approval: approve it in the dashboard under Machines\n')
  expect(ran.out).toContain('approve this machine under Machines, then turn the relay on in the dashboard')
})

test('Node too old or absent, a wrong hash, an unknown option: one clear line', async () => {
  const tools = path.join(folder, 'tools')
  mkdirSync(tools)
  for (const tool of ['id', 'cat', 'mkdir', 'rm', 'cut', 'curl']) symlinkSync(path.join('/usr/bin', tool), path.join(tools, tool))
  expect(await install([], { PATH: tools })).toMatchObject({ code: 1, err: expect.stringContaining('Node 20.19 or newer is needed and none was found') })
  writeFileSync(path.join(tools, 'node'), '#!/bin/sh\n[ "$1" = -p ] && echo 18.1.0 || exit 1\n', { mode: 0o755 })
  expect(await install([], { PATH: tools })).toMatchObject({ code: 1, err: expect.stringMatching(/Node 20.19 or newer is needed, .+ is 18.1.0/) })
  const script = installScript({ publicUrl: control.url, sha256: 'f'.repeat(64) })
  expect(await install([], {}, script)).toMatchObject({ code: 1, err: expect.stringContaining(`not ${'f'.repeat(64)}`) })
  expect(await install(['--bla'])).toMatchObject({ code: 1, err: 'towpath: Unknown option --bla: see --help\n' })
})

test('folders: a relative one is of where the installer runs, one that a unit would read otherwise is refused', async () => {
  const script = installScript({ publicUrl: control.url, sha256: '' })
  const dry = (...words: string[]) => run('/bin/sh', ['-s', '--', '--no-systemd', '--dry-run', ...words], {}, script, home)
  const relative = await dry('--prefix', 'some/agent', '--data=kept', '--auth-key', 'k')
  expect(relative).toMatchObject({ code: 0, err: '' })
  expect(relative.out).toContain(`agent.mjs to ${home}/some/agent and`)
  expect(relative.out).toContain(`keys and state in ${home}/kept\n`)
  expect((await dry('--prefix', 'agent', '--auth-key', 'k')).out).toContain(`keys and state in ${home}/agent/data\n`)
  for (const name of ['100%', 'a"b', 'a\\b', 'a$b']) {
    expect(await dry('--prefix', '/opt/a', '--data', `/srv/${name}`)).toEqual({
      code: 1, out: '', err: `towpath: The folders /opt/a and /srv/${name} must not have quotes, backslashes, dollar or percent signs in their names: give others by --prefix and --data\n`,
    })
  }
})

test('a name that is no host label is refused before anything is done', async () => {
  const script = installScript({ publicUrl: control.url, sha256: '' })
  const named = (name: string) => run('/bin/sh', ['-s', '--', '--no-systemd', '--dry-run', '--prefix', '/opt/a', '--name', name], {}, script)
  for (const name of ['a'.repeat(64), 'my relay', 'a_b', '-a', 'a-']) {
    expect(await named(name)).toEqual({ code: 1, out: '', err: `towpath: --name is up to 63 letters, digits and hyphens, a hyphen neither first nor last, not ${name}\n` })
  }
  for (const name of ['a'.repeat(63), 'Relay-2']) expect(await named(name)).toMatchObject({ code: 0, err: '' })
})

test('a broken download runs nothing; a URL with a quote stays one word', async () => {
  const script = installScript({ publicUrl: "http://a'$(id)", sha256: '' })
  expect(script).toContain(`SERVER='http://a'\\''$(id)'`)
  expect(await install(['--dry-run'], {}, script.slice(0, -20))).toMatchObject({ out: '' })
})
