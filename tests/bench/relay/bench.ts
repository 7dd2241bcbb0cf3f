import { execFileSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism, tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import { bundleAgent } from '../../../agent/bundle.ts'
import { seedAllocations, testClients } from '../../agent/rig.ts'
import { bar, CannotBench, type Bench, type BenchContext, type BenchResult, type Figure } from '../bench.ts'
import { figure, interleave } from '../stats.ts'
import { clientIp, Namespaces, relayIp } from './namespaces.ts'
import { firstClientPort, firstVni, pairs, ports, relays, sizes, type RelayName } from './plan.ts'

/** What each plane of the agent keeps at least of another relay's packets per CPU second. */
const limits = [
  { relay: 'dgram', against: 'bare', limit: 0.8 },
  { relay: 'batched', against: 'dgram', limit: 3 },
  { relay: 'batched', against: 'reference', limit: 0.75 },
] as const

/** Percent of a CPU from which a single-threaded relay counts as saturated. */
const saturated = 90

const cpus = { relay: 0, generator: 1 }

export const relayBench: Bench = {
  name: 'relay',
  about: 'packets per CPU second through the whole agent on each data plane, against a bare forwarder on node:dgram and the batched way in C (root, a C compiler)',
  async run(context) {
    const folder = mkdtempSync(path.join(tmpdir(), 'towpath-bench-'))
    let spaces: Namespaces | undefined
    try {
      spaces = new Namespaces()
      return await measure(folder, spaces, context)
    } finally {
      await spaces?.close()
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

async function measure(folder: string, spaces: Namespaces, { rounds, full, say }: BenchContext): Promise<BenchResult> {
  if (availableParallelism() < 2) throw new CannotBench('This bench needs two CPUs, one for the relay and one for the load')
  const generator = compile(folder, 'gen')
  const bundle = (await bundleAgent(path.join(folder, 'agent.mjs'))).path
  const pids: Record<RelayName, number> = {
    bare: await startBare(spaces),
    dgram: await startAgent(folder, bundle, 'dgram', spaces),
    batched: await startAgent(folder, bundle, 'batched', spaces),
    reference: await startReference(compile(folder, 'reference', '-pthread'), spaces),
  }
  const seconds = full ? 10 : 4
  const count = rounds ?? (full ? 15 : 7)
  say(`${pairs} sessions, both ways, ${count} rounds of ${seconds} s a size and relay`)
  const subjects = sizes.flatMap((size) => relays.map((relay) => `${relay} ${size}` as const))
  let idle = 0
  const values = await interleave(count, subjects, async (subject, round) => {
    const [name, size = ''] = subject.split(' ')
    const relay = relays.find((known) => known === name) ?? 'bare'
    const words = [
      '-r', relayIp, '-b', clientIp, '-p', String(firstClientPort), '-q', String(ports[relay]), '-n', String(pairs),
      '-s', size, '-w', '64', '-d', String(seconds), '-W', '1', '-2', '-P', String(pids[relay]),
    ]
    const run = outcome.parse(JSON.parse(await spaces.run(spaces.client, generator, words, cpus.generator)))
    if (run.bad > 0 || !(run.pps > 0)) throw new Error(`${subject} does not forward as it should: ${JSON.stringify(run)}`)
    if (run.cpu_pct < saturated) idle++
    const perSecond = 1e6 / run.cpu_s_per_mpkt
    say(`round ${round + 1}  ${subject.padEnd(14)} ${Math.round(perSecond).toLocaleString('en-US')} packets a CPU second, ${Math.round(run.pps).toLocaleString('en-US')} a second, CPU ${Math.round(run.cpu_pct)} % (generator ${Math.round(run.gen_cpu_pct)} %, others ${Math.round(run.other_cpu_pct)} %), lost ${run.loss_pct} %`)
    return perSecond
  })
  if (idle > 0) say(`In ${idle} of ${count * subjects.length} measurements the relay had less than ${saturated} % of a CPU: other work on this machine took the rest`)
  const named = (relay: RelayName, size: (typeof sizes)[number]) => ({ name: `${relay}: ${size} B`, unit: 'packets/CPU s', values: values[`${relay} ${size}`] })
  const figures: Figure[] = sizes.flatMap((size) => relays.map((relay) => figure(named(relay, size))))
  const bars = sizes.flatMap((size) => limits.map(({ relay, against, limit }) => {
    const { ratio = Number.NaN } = figure(named(relay, size), named(against, size))
    return bar(`${relay}: ${size} B, times ${against}`, ratio, limit)
  }))
  return { name: 'relay', figures, bars }
}

/** The generator's line, as far as it is of use. */
const outcome = z.object({ cpu_s_per_mpkt: z.number(), pps: z.number(), cpu_pct: z.number(), loss_pct: z.number(), bad: z.number(), gen_cpu_pct: z.number(), other_cpu_pct: z.number() })

function compile(folder: string, name: 'gen' | 'reference', ...options: string[]): string {
  const out = path.join(folder, name)
  try {
    execFileSync('cc', ['-O2', '-w', ...options, '-o', out, path.join(import.meta.dirname, `${name}.c`)], { stdio: ['ignore', 'ignore', 'pipe'] })
  } catch (error) {
    throw new CannotBench(`The load generator and the reference relay are C: install a compiler as "cc" (on Debian: apt install gcc libc6-dev). ${String(error).split('\n')[0]}`)
  }
  return out
}

/** The whole agent as it is shipped, with sessions that their clients have bound by handshake. */
async function startAgent(folder: string, bundle: string, plane: 'dgram' | 'batched', spaces: Namespaces): Promise<number> {
  const data = path.join(folder, plane)
  seedAllocations(data, ports[plane], testClients(2 * pairs), firstVni)
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const task = ['--import', tsx, path.join(import.meta.dirname, 'in-namespace.ts')]
  const control = spaces.start(spaces.relay, process.execPath, [...task, 'control', data, String(ports[plane])])
  const url = await firstLine(control)
  const agent = spaces.start(spaces.relay, process.execPath, [bundle, '--data', data, '--server', url, '--data-plane', plane, '--log-level', 'error'], cpus.relay)
  await spaces.run(spaces.client, process.execPath, [...task, 'bind', data, String(ports[plane])])
  return pidOf(agent)
}

async function startBare(spaces: Namespaces): Promise<number> {
  const sessions = Array.from({ length: pairs }, (_, i) => [firstVni + i, clientIp, firstClientPort + 2 * i, firstClientPort + 2 * i + 1])
  const script = path.join(import.meta.dirname, 'bare-forwarder.mjs')
  const bare = spaces.start(spaces.relay, process.execPath, [script, String(ports.bare), JSON.stringify(sessions)], cpus.relay)
  await firstLine(bare)
  return pidOf(bare)
}

/** GRO in, gathered GSO out, both families on one socket: what the batched plane does, with nothing else to do. */
async function startReference(program: string, spaces: Namespaces): Promise<number> {
  const words = ['-p', ports.reference, '-P', clientIp, '-b', firstClientPort, '-n', pairs, '-B', 32, '-C', '-6']
  const reference = spaces.start(spaces.relay, program, words.map(String), cpus.relay)
  await firstLine(reference)
  return pidOf(reference)
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
