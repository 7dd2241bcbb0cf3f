import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { owner, redeem, signIn, type Person } from './harness/person.ts'
import { freeUdpPort } from './harness/ports.ts'
import { ended } from './harness/processes.ts'
import { run, type Program } from './harness/program.ts'
import { newInstallation, type Installation } from './harness/towpath.ts'
import { Traffic } from './harness/traffic.ts'
import { waitFor } from './harness/wait.ts'

let installation: Installation
let product: Program
let person: Person
/** Stands for the other machine's disk. */
let machine: string
const agentPid = (): number => Number(readFileSync(path.join(machine, 'agent/data/agent.pid'), 'utf8'))

/** The line as it was copied, in a shell of a machine with a home of its own, Node and nothing of ours. */
function paste(line: string, ...options: readonly string[]): Program {
  return run('sh', ['-c', [line, '--prefix', path.join(machine, 'agent'), '--no-systemd', ...options].join(' ')], {
    HOME: machine, XDG_DATA_HOME: undefined, TOWPATH_AGENT_DATA: undefined,
  })
}

function agent(...words: readonly string[]): Program {
  return run(path.join(machine, 'agent/towpath-agent'), words)
}

async function succeeded(program: Program): Promise<void> {
  const code = await program.exited
  if (code !== 0) throw new Error(`it ended with ${code}:\n${program.output()}`)
}

async function joinCommand(description: string): Promise<{ readonly id: string; readonly key: string; readonly joinCommand: string }> {
  const { row, key, joinCommand: line } = await person.client.authKey.create.mutate({ description, tags: ['tag:relay'] })
  return { id: row.id, key, joinCommand: line }
}

const relays = () => person.client.relay.list.query()

beforeAll(async () => {
  machine = mkdtempSync(path.join(tmpdir(), 'towpath-machine-'))
  installation = await newInstallation()
  product = await installation.start()
  await redeem(installation.url, installation.ownerLink(), owner)
  person = await signIn(installation.url, owner)
})

afterAll(async () => {
  if (existsSync(path.join(machine, 'agent/data/agent.pid'))) process.kill(agentPid(), 'SIGKILL')
  await person?.close()
  await product?.stop()
  installation?.remove()
  rmSync(machine, { recursive: true, force: true })
})

test('a key that does not let in is told apart: revoked, wrong, no key at all', async () => {
  const { id, key, joinCommand: line } = await joinCommand('taken back')
  await person.client.authKey.revoke.mutate({ id })
  const refused = async (pasted: string): Promise<string> => {
    const program = paste(pasted)
    expect(await program.exited).toBe(1)
    return program.output()
  }
  expect(await refused(line)).toMatch(/^The auth key \S+ was revoked on [^\n]+ UTC\. Make a new auth key in Settings and join with it$/m)
  expect(await refused(line.replace(key, `${key.slice(0, -4)}0000`))).toMatch(/^The auth key is wrong: there is no such key in this network\. Check that it was copied whole/m)
  expect(await refused(line.replace(key, 'nonsense'))).toMatch(/^The auth key is wrong/m)
})

test('one copied command on a machine without a clone makes it a relay', async () => {
  const { joinCommand: line } = await joinCommand('quay-2')
  const at = Date.now()
  const installer = paste(line, '--name', 'quay-2')
  await succeeded(installer)
  expect(installer.output()).toMatch(/^Joined http:\/\/\S+ as quay-2$/m)
  const relay = await waitFor('quay-2 among the relays', async () => (await relays()).find(({ name, online }) => name === 'quay-2' && online), 10_000)
  console.log(`joined as the second relay after ${Date.now() - at} ms`)
  expect(relay).toMatchObject({ advertised: false, state: 'off', tags: ['tag:relay'] })
  expect(await relays()).toHaveLength(2)

  // The same command on yet another machine: its key let one in.
  const other = run('sh', ['-c', `${line} --prefix ${path.join(machine, 'other')} --no-systemd`], { HOME: machine })
  expect(await other.exited).toBe(1)
  expect(other.output()).toMatch(/^The auth key \S+ is used up: it lets one machine in, and one joined with it on [^\n]+ UTC\. /m)
})

test('turned on at a port of its own, it carries traffic', async () => {
  const { id } = (await relays()).find(({ name }) => name === 'quay-2') ?? { id: 0 }
  await person.client.relay.configure.mutate({
    id, port: await freeUdpPort(), staticEndpoints: [], region: 'north', maxEndpoints: 1000, handshakesPerSecond: 100,
  })
  await person.client.relay.setAdvertised.mutate({ id, advertised: true })
  await waitFor('quay-2 to relay', async () => ((await relays()).find((one) => one.id === id)?.state === 'relaying' ? true : undefined), 10_000)
  const traffic = new Traffic(installation.simulate('--pairs', '1', '--rate', '1mbit', '--json'))
  await traffic.until('the pair on quay-2', ({ path: by, relay, bitsIn }) => by === 'relay' && relay === 'quay-2' && bitsIn > 500_000, 30_000)
  const session = await waitFor('its session', async () => (await person.client.session.list.query({ state: 'live' })).rows.find(({ bytesFromA }) => bytesFromA > 0), 15_000)
  expect(session).toMatchObject({ relayName: 'quay-2', relayId: id })

  // Turned off, the pair goes on without it and loses nothing.
  await person.client.relay.setAdvertised.mutate({ id, advertised: false })
  await traffic.until('the pair on DERP', ({ path: by, bitsIn }) => by === 'derp' && bitsIn > 500_000, 20_000)
  expect(await traffic.stop()).toMatchObject({ lost: 0 })
})

test('its own command line says how it is, and the same command again updates it', async () => {
  const status = agent('status')
  await succeeded(status)
  expect(status.output()).toContain('quay-2')
  const before = agentPid()
  const { joinCommand: line } = await joinCommand('again')
  const again = paste(line.replace(/ --auth-key \S+/, ''))
  await succeeded(again)
  await ended(before, 5000)
  await waitFor('quay-2 to come back', async () => ((await relays()).find(({ name }) => name === 'quay-2')?.online ? true : undefined), 10_000)
  expect(await relays()).toHaveLength(2)
})

test('taken off the machine, it is away in the list until it is removed there', async () => {
  const pid = agentPid()
  const { joinCommand: line } = await joinCommand('gone')
  const remover = paste(line.replace(/ --auth-key \S+/, ''), '--uninstall')
  await succeeded(remover)
  await ended(pid, 5000)
  const { id } = await waitFor('quay-2 to be away', async () => (await relays()).find(({ name, online }) => name === 'quay-2' && !online), 10_000)
  expect(existsSync(path.join(machine, 'agent/agent.mjs'))).toBe(false)
  await person.client.machine.remove.mutate({ id })
  expect((await relays()).map(({ name }) => name)).not.toContain('quay-2')
})
