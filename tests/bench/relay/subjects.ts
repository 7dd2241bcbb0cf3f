import type { ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { localStatusSchema, type LocalStatus } from '../../../agent/local-status.ts'
import { seedAllocations, testClients } from '../../agent/rig.ts'
import { waitFor } from '../../e2e/harness/wait.ts'
import { compile } from './compile.ts'
import { clientIp, type Namespaces } from './namespaces.ts'
import { firstClientPort, firstVni, ports, type RelayName } from './plan.ts'

/** A relay's own CPU; the load generator has the other. */
export const cpus = { relay: 0, generator: 1 } as const

export interface SubjectOptions {
  readonly folder: string
  readonly bundle: string
  readonly spaces: Namespaces
  /** All relays have that many; a cell uses the first of them. */
  readonly sessions: number
  readonly against: string | undefined
  /** The agents write here what their collector does. */
  readonly collectorLog?: string | undefined
}

/** Starts a relay; resolves with its process when all its sessions are bound. */
export async function startSubject(name: RelayName, options: SubjectOptions): Promise<number> {
  switch (name) {
    case 'dgram': return startAgent(name, ['--data-plane', 'dgram'], options)
    case 'batched': return startAgent(name, ['--data-plane', 'batched', '--workers', '1'], options)
    case 'batched in two threads': return startAgent(name, ['--data-plane', 'batched', '--workers', '2'], options)
    case 'reference': return startReference(options)
    case 'bare': return startCommand(name, [process.execPath, path.join(import.meta.dirname, 'bare-forwarder.mjs')], options)
    case 'other': return startCommand(name, ['sh', '-c', `exec ${options.against ?? ''}`], options)
  }
}

/** An agent's data folder. */
export const dataOf = (folder: string, name: RelayName): string => path.join(folder, name.replaceAll(' ', '-'))

/** What was allocated lapses when it is not bound within half a minute; of more sessions, that an earlier run left bound, the state is restored. */
const mostHandshakes = 256
const longestStartMs = 60_000

/** The whole agent as it is shipped, with sessions that their clients have bound by handshake. */
async function startAgent(name: RelayName, words: readonly string[], { folder, bundle, spaces, sessions, collectorLog }: SubjectOptions): Promise<number> {
  const data = dataOf(folder, name)
  const isBound = sessions > mostHandshakes
  seedAllocations(data, ports[name], testClients(2 * sessions), {
    firstVni,
    ...(isBound && { boundAt: (pair: number, leg: number) => ({ ip: clientIp, port: firstClientPort + 2 * pair + leg }) }),
  })
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const task = (what: string): string[] => ['--import', tsx, path.join(import.meta.dirname, 'in-namespace.ts'), what, data, String(ports[name]), String(sessions)]
  const url = await firstLine(spaces.start(spaces.relay, process.execPath, task('control')))
  const program = [bundle, '--data', data, '--server', url, ...words, '--log-level', 'error']
  const agent = collectorLog === undefined
    ? spaces.start(spaces.relay, process.execPath, program, cpus.relay)
    : spaces.start(spaces.relay, 'sh', ['-c', `exec "$@" > '${collectorLog}'`, 'sh', process.execPath, '--trace-gc', ...program], cpus.relay)
  if (isBound) {
    await waitFor('the agent to relay', async () => ((await statusOf(spaces, bundle, data).catch(() => undefined))?.relay.state === 'relaying' ? true : undefined), longestStartMs, 500)
  } else await spaces.run(spaces.client, process.execPath, task('bind'))
  return pidOf(agent)
}

/** What an agent tells of itself; rejects until it listens. */
export async function statusOf(spaces: Namespaces, bundle: string, data: string): Promise<LocalStatus> {
  return localStatusSchema.parse(JSON.parse(await spaces.run(spaces.relay, process.execPath, [bundle, 'status', '--json', '--data', data])))
}

/** GRO in, gathered GSO out, both families on one socket: what the batched plane does, with nothing else to do. */
async function startReference({ folder, spaces, sessions }: SubjectOptions): Promise<number> {
  const words = ['-p', ports.reference, '-P', clientIp, '-b', firstClientPort, '-n', sessions, '-B', 32, '-C', '-6']
  const reference = spaces.start(spaces.relay, compile(folder, 'reference', '-pthread'), words.map(String), cpus.relay)
  await firstLine(reference)
  return pidOf(reference)
}

/** Any relay that speaks the same eight bytes of header; it says with a line that it is ready. */
async function startCommand(name: RelayName, [file = '', ...words]: readonly string[], { spaces, sessions }: SubjectOptions): Promise<number> {
  const started = spaces.start(spaces.relay, file, words, cpus.relay, {
    PORT: String(ports[name]), SESSIONS: String(sessions), CLIENT_IP: clientIp, FIRST_PORT: String(firstClientPort), FIRST_VNI: String(firstVni),
  })
  await firstLine(started)
  return pidOf(started)
}

/** `ip netns exec` becomes the program: its process is the one that was started. */
function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('not started')
  return pid
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (output.includes('\n')) resolve(output.slice(0, output.indexOf('\n')))
    })
    child.once('close', (code) => reject(new Error(`ended with ${code} before it was ready: ${output}`)))
  })
}
