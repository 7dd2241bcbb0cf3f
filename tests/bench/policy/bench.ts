import { execFileSync } from 'node:child_process'
import { availableParallelism, loadavg } from 'node:os'
import { createNetmap, defaultNames, type NetNode } from '../../../netmap/index.ts'
import { plainFacts } from '../../../netmap/testing.ts'
import { type CompiledPolicy, compilePolicy, createPolicyIndex, parsePolicy, type PolicyIndex, type PolicyNode } from '../../../policy/index.ts'
import { barMost, type Bar, type Bench, type BenchContext, type BenchResult } from '../bench.ts'
import { memory } from '../coordination/usage.ts'
import { figure, median, quantile } from '../stats.ts'
import { makeDocument } from './document.ts'
import { createPick, makeNode, makeNodes, people, type Pick, size, tags } from './network.ts'

/** The network map is measured on the first of the machines: what a join costs there is made for every client that is connected. */
const mapNodes = 2500
const mapChanges = 5

const limits = { wholeMs: 1000, memoryMB: 500, viewMs: 1, changeMs: 5 } as const
const changesARound = 100
const seed = 20_261_129

export const policyBench: Bench = {
  name: 'policy',
  about: `a seeded network of ${size.nodes} machines under ${size.grants} grants: compiled whole, one machine's view, a join, a tag's change`,
  parts: [
    { name: 'core', about: 'the policy alone: every filter and whom each sees, one view, a join, a change of tags' },
    { name: 'map', about: `the network map with ${mapNodes} of the machines: made whole, a join, a change of tags and of endpoints` },
  ],
  run: (context) => Promise.resolve(run(context)),
}

const wholeName = 'whole, processor time'
const memoryName = 'memory of this process, the most up to the first of these'

type Values = Map<string, number[]>

function run({ rounds = 5, full, only, say }: BenchContext): BenchResult {
  const isOn = (part: string): boolean => only.length === 0 || only.includes(part)
  say(stayOnOneCore() ? 'all threads of this process stay on one core' : 'this process cannot be kept on one core: its time is that of all its threads')
  const pick = createPick(seed)
  const text = makeDocument(pick)
  const nodes = makeNodes(pick)
  /** By figure, one a round. Bounded: the figures below. */
  const values: Values = new Map()
  const count = full ? rounds * 3 : rounds
  for (let round = 0; round < count; round++) {
    if (isOn('core')) {
      const index = whole(text, nodes, values)
      for (const what of ['join', 'tag change'] as const) changes(index, what, nodes, values, round)
    }
    if (isOn('map')) throughNetmap(text, nodes.slice(0, mapNodes), values, round)
    say(`round ${round + 1} of ${count}, load ${(loadavg()[0] ?? 0).toFixed(1)}: ${[...values].map(([name, all]) => `${name} ${(all.at(-1) ?? 0).toFixed(3)}`).join(', ')}`)
  }
  return result(values, isOn('core'))
}

/** The bar is what one core does, so the collector's threads must not have another one. */
function stayOnOneCore(): boolean {
  try {
    execFileSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(availableParallelism() - 1), String(process.pid)], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

function add(values: Values, name: string, value: number): void {
  const all = values.get(name)
  if (all === undefined) values.set(name, [value])
  else all.push(value)
}

/** From the text to every node's filter and peers. */
function whole(text: string, nodes: readonly PolicyNode[], values: Values): PolicyIndex {
  const startedAt = performance.now()
  const used = process.cpuUsage()
  const compiled = compile(text)
  add(values, 'parse and compile the text', performance.now() - startedAt)
  const index = createPolicyIndex(compiled)
  for (const node of nodes) index.upsert(node)
  add(values, 'and take in every machine', performance.now() - startedAt)
  let rules = 0
  let peers = 0
  for (const { id } of nodes) {
    rules += index.rules(id).length
    peers += index.peerCount(id)
  }
  add(values, 'whole: and every filter, and whom each sees', performance.now() - startedAt)
  const { user, system } = process.cpuUsage(used)
  // What one core does: other work on the machine does not lengthen it.
  add(values, wholeName, (user + system) / 1000)
  add(values, 'kinds of machines that no rule tells apart', new Set(nodes.map(({ id }) => index.profile(id))).size)
  add(values, 'rules of a machine', rules / nodes.length)
  add(values, 'peers of a machine', peers / nodes.length)
  // Later rounds have the garbage of earlier ones.
  if (!values.has(memoryName)) add(values, memoryName, (memory(process.pid).most * 1024 * 1024) / 1e6)
  views(compiled, nodes, values)
  index.takeAffected()
  return index
}

/** Each machine's filter and list of peers, made for the first time on an index that has made none. */
function views(compiled: CompiledPolicy, nodes: readonly PolicyNode[], values: Values): void {
  const index = createPolicyIndex(compiled)
  for (const node of nodes) index.upsert(node)
  const times = nodes.map(({ id }) => timed(() => [index.rules(id), index.peers(id)]))
  add(values, 'one view', median(times))
  add(values, 'one view, 99 of 100', quantile(times, 0.99))
}

/** A change, and what the machine itself is told then. */
function changes(index: PolicyIndex, what: 'join' | 'tag change', nodes: readonly PolicyNode[], values: Values, round: number): void {
  const pick = createPick(seed + round)
  const times: number[] = []
  const renewals: number[] = []
  const counts: number[] = []
  for (let i = 0; i < changesARound; i++) {
    const node = what === 'join' ? newcomer(pick, i) : { ...pick.of(nodes), tags: [pick.of(tags)] }
    let affected: readonly number[] = []
    times.push(timed(() => {
      index.upsert(node)
      affected = index.takeAffected()
      index.rules(node.id)
      index.peers(node.id)
    }))
    renewals.push(timed(() => { for (const id of affected) index.rules(id) }))
    counts.push(affected.length)
  }
  add(values, `a ${what}`, median(times))
  add(values, `a ${what}, 99 of 100`, quantile(times, 0.99))
  add(values, `a ${what}: the filters of all whom it concerns`, median(renewals))
  add(values, `a ${what}: machines that it concerns`, median(counts))
  for (let i = 0; what === 'join' && i < changesARound; i++) index.remove(size.nodes + 1 + i)
}

/** The same in the network map, every view that changes and who is told included. */
function throughNetmap(text: string, nodes: readonly PolicyNode[], values: Values, round: number): void {
  const pick = createPick(seed + round)
  const policy = compile(text)
  const startedAt = performance.now()
  const map = createNetmap({ nodes: nodes.map(netNode), policy, derpRegions: [], names: defaultNames, now: 0 })
  add(values, 'the network map, whole', performance.now() - startedAt)
  const times = (change: (i: number) => NetNode): number[] => Array.from({ length: mapChanges }, (_, i) => {
    const node = change(i)
    return timed(() => map.upsert(node))
  })
  add(values, 'the network map, a join', median(times((i) => netNode(newcomer(pick, i)))))
  add(values, 'the network map, a tag change', median(times(() => netNode({ ...pick.of(nodes), tags: [pick.of(tags)] }))))
  add(values, 'the network map, other endpoints', median(times((i) => ({ ...netNode(pick.of(nodes)), endpoints: [`192.0.2.1:${i + 1}`] }))))
}

/** A person's machine or a server, in turn. */
function newcomer(pick: Pick, i: number): PolicyNode {
  return makeNode(pick, size.nodes + 1 + i, i % 2 === 0 ? pick.of(people) : undefined)
}

function netNode(node: PolicyNode): NetNode {
  const { id } = node
  return {
    ...node, stableId: `n${id}`, kind: 'client', nodeKey: `nodekey:${id}`, discoKey: `discokey:${id}`, endpoints: [], homeDerp: 1, capVersion: 142,
    authorized: true, online: true, relayUp: false, routes: node.routes ?? [], facts: plainFacts(id),
  }
}

function compile(text: string): CompiledPolicy {
  const parsed = parsePolicy(text)
  if (!parsed.ok) throw new Error(`the bench's policy is not valid: ${parsed.problems[0]?.message ?? ''}`)
  return compilePolicy(parsed.policy)
}

function timed(work: () => unknown): number {
  const startedAt = performance.now()
  work()
  return performance.now() - startedAt
}

const units: readonly (readonly [RegExp, string])[] = [[/^rules/, 'rules'], [/^peers/, 'peers'], [/machines that/, ''], [/memory/, 'MB'], [/./, 'ms']]
const unitOf = (name: string): string => units.find(([pattern]) => pattern.test(name))?.[1] ?? ''

/** Bars are of medians: of a hundred views or joins one makes a list of sources that many share. The network map has no bar of its own. */
function result(values: ReadonlyMap<string, readonly number[]>, isWhole: boolean): BenchResult {
  const middle = (name: string): number => median(values.get(name) ?? [])
  const bars: Bar[] = [
    barMost('whole compile, ms of one core', middle(wholeName), limits.wholeMs),
    barMost('memory, MB', middle(memoryName), limits.memoryMB),
    barMost('one view, ms', middle('one view'), limits.viewMs),
    barMost('a join, ms', middle('a join'), limits.changeMs),
    barMost('a tag change, ms', middle('a tag change'), limits.changeMs),
  ]
  return { name: 'policy', bars: isWhole ? bars : [], figures: [...values].map(([name, all]) => figure({ name, unit: unitOf(name), values: all })) }
}
