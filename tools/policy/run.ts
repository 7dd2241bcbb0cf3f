import { nodeReports } from '../../policy/command/node-report.ts'
import { reportLines } from '../../policy/command/report-lines.ts'
import { compilePolicy, explainReach, explainRelayUse, parsePolicy, testPolicy, type CompiledPolicy, type Policy, type TestOutcome } from '../../policy/index.ts'
import { lintPolicy, type LintNode } from '../../policy/lint/index.ts'
import { readNetworkFile, type ReadNetwork } from '../../policy/network-file.ts'
import { help, readOptions, type Options } from './options.ts'

/** What a command prints, and what it ends with. */
export type Ran = { readonly out: readonly string[]; readonly err: readonly string[]; readonly code: 0 | 1 | 2 }

type Said = { readonly line: number; readonly column: number; readonly severity: 'error' | 'warning'; readonly message: string }
/** A command's own answer: for people, and for programs. */
type Answer = { readonly out: readonly string[]; readonly json: Readonly<Record<string, unknown>>; readonly problems: readonly Said[]; readonly failed: boolean }
type Input = { readonly text: string; readonly policy: Policy; readonly compiled: CompiledPolicy; readonly network: ReadNetwork; readonly warnings: number }

/** Runs a command on files that `read` gives; it throws where there is none. */
export function runPolicy(args: readonly string[], read: (file: string) => string): Ran {
  const chosen = readOptions(args)
  if (chosen.kind === 'help') return { out: [help], err: [], code: 0 }
  if (chosen.kind === 'wrong') return { out: [], err: [`${chosen.reason}; see npm run policy -- --help`], code: 2 }
  const { options } = chosen
  let text: string
  let networkText: string
  try {
    text = read(options.file)
    networkText = read(options.network)
  } catch (error) {
    return { out: [], err: [error instanceof Error ? error.message : String(error)], code: 2 }
  }
  const network = readNetworkFile(networkText)
  if (!network.ok) return { out: [], err: network.problems.map((problem) => `${options.network}: ${problem}`), code: 2 }
  const parsed = parsePolicy(text)
  if (!parsed.ok) return finish(options, parsed.problems, { out: [], json: {}, problems: [], failed: true })
  const input = { text, policy: parsed.policy, compiled: compilePolicy(parsed.policy), network: network.network, warnings: parsed.problems.length }
  const answer = answerOf(options, input)
  return typeof answer === 'string' ? { out: [], err: [answer], code: 2 } : finish(options, parsed.problems, answer)
}

function finish({ file, json }: Options, problems: readonly Said[], answer: Answer): Ran {
  const said = [...problems, ...answer.problems].toSorted((a, b) => a.line - b.line || a.column - b.column)
  const code = answer.failed ? 1 : 0
  if (json) return { out: [JSON.stringify({ ok: !answer.failed, problems: said.map((problem) => ({ file, ...problem })), ...answer.json }, null, 2)], err: [], code }
  return { out: answer.out, err: said.map(({ line, column, severity, message }) => `${file}:${line}:${column}: ${severity}: ${message}`), code }
}

/** A text: what was asked for is not in the network. */
function answerOf(options: Options, input: Input): Answer | string {
  switch (options.command) {
    case 'compile': return compileAnswer(options.node, input)
    case 'test': return testAnswer(input)
    case 'lint': return lintAnswer(options.strict, input)
    case 'explain': return explainAnswer(options, input)
  }
}

function compileAnswer(name: string | undefined, { compiled, network }: Input): Answer | string {
  const only = name === undefined ? undefined : machine(network, name)
  if (typeof only === 'string') return only
  const nodes = nodeReports(compiled, network.nodes, (node) => only === undefined || node === only)
  return { out: nodes.flatMap(reportLines), json: { nodes }, problems: [], failed: false }
}

function testAnswer({ policy, compiled, network }: Input): Answer {
  const tests = testPolicy(policy, compiled, network.nodes, network.people)
  const failed = tests.filter(({ passed }) => !passed)
  const out = tests.length === 0 ? ['no tests: write some under "tests", and saving will run them'] : [`${tests.length - failed.length} of ${tests.length} tests hold`]
  return { out, json: { tests }, problems: failed.map(failedTest), failed: failed.length > 0 }
}

function failedTest({ place, kind, src, target, expected, reason }: TestOutcome): Said {
  const claim = kind === 'relay' ? `${src} by way of ${target}` : `${src} to ${target}`
  return { line: place.line, column: place.column, severity: 'error', message: `the test of ${claim} expects ${expected}: ${reason}` }
}

function lintAnswer(strict: boolean, { text, policy, compiled, network, warnings }: Input): Answer {
  const found = lintPolicy(text, policy, compiled, { nodes: network.nodes, people: network.people.map(({ email }) => email) })
  const problems = found.map(({ line, column, severity, message, code, fix, advice }) => {
    const help = advice ?? fix?.label
    return { line, column, severity, message: help === undefined ? message : `${message} ${help}.`.replace(/\.\.$/, '.'), code }
  })
  const count = warnings + found.length
  return { out: [`${count} ${count === 1 ? 'warning' : 'warnings'}`], json: {}, problems, failed: strict && count > 0 }
}

function explainAnswer(options: Extract<Options, { command: 'explain' }>, { compiled, network }: Input): Answer | string {
  const from = machine(network, options.from)
  const other = machine(network, 'relay' in options ? options.relay : options.to)
  if (typeof from === 'string') return from
  if (typeof other === 'string') return other
  const explained = 'relay' in options ? explainRelayUse(compiled, from, other) : explainReach(compiled, from, other)
  const where = explained.line === undefined ? [] : [`${options.file}:${explained.line}`]
  return { out: [explained.sentence, ...where], json: { ...explained }, problems: [], failed: !explained.allowed }
}

/** A machine by its name or one of its addresses; a text: there is none. */
function machine({ nodes }: ReadNetwork, wanted: string): LintNode | string {
  const found = nodes.find(({ name, addresses }) => name.toLowerCase() === wanted.toLowerCase() || addresses.includes(wanted))
  return found ?? `no machine in the network is called "${wanted}" or has that address`
}
