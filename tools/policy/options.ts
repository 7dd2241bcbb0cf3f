import { parseArgs } from 'node:util'

export const help = `Usage: npm run policy -- COMMAND FILE --network NETWORK.json [options]

  compile   what each machine would be sent: rules, peers, attributes, relays     --node NAME  one machine alone
  test      the entries of "tests", which saving would run
  lint      what is valid and most likely not meant                               --strict     a warning is a failure
  explain   why a machine may or may not                                          --from A --relay R, or --from A --to B

  --json    one JSON document on standard output, for programs
  --help    this text

FILE is a policy; "-" reads it from standard input. NETWORK.json is what GET /api/v1/policy/network answers: people and machines.
Problems are a line each on standard error: FILE:LINE:COLUMN: error|warning: MESSAGE.

Exit codes: 0 all is well (explain: allowed); 1 the policy has errors, a test fails, with --strict a warning, or explain: denied;
2 wrong usage, or a file that cannot be read.`

const commands = ['compile', 'test', 'lint', 'explain'] as const

type Common = { readonly file: string; readonly network: string; readonly json: boolean }
export type Options = Common & (
  | { readonly command: 'compile'; readonly node?: string }
  | { readonly command: 'test' }
  | { readonly command: 'lint'; readonly strict: boolean }
  | { readonly command: 'explain'; readonly from: string; readonly relay: string }
  | { readonly command: 'explain'; readonly from: string; readonly to: string }
)
export type ReadOptions = { readonly kind: 'run'; readonly options: Options } | { readonly kind: 'help' } | { readonly kind: 'wrong'; readonly reason: string }

/** Which options each command takes beside the common ones. */
const own: Readonly<Record<(typeof commands)[number], readonly string[]>> = { compile: ['node'], test: [], lint: ['strict'], explain: ['from', 'to', 'relay'] }

export function readOptions(args: readonly string[]): ReadOptions {
  try {
    return choose(parseArgs({
      args: [...args], allowPositionals: true,
      options: {
        network: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' },
        node: { type: 'string' }, strict: { type: 'boolean' }, from: { type: 'string' }, to: { type: 'string' }, relay: { type: 'string' },
      },
    }))
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error))
  }
}

type Parsed = {
  readonly positionals: readonly string[]
  readonly values: { network?: string; json?: boolean; help?: boolean; node?: string; strict?: boolean; from?: string; to?: string; relay?: string }
}

function choose({ positionals, values }: Parsed): ReadOptions {
  const [name, file, ...rest] = positionals
  if (values.help || name === undefined) return values.help ? { kind: 'help' } : wrong('a command is missing')
  const command = commands.find((known) => known === name)
  if (command === undefined) return wrong(`"${name}" is no command`)
  if (file === undefined) return wrong('the policy’s file is missing')
  if (rest.length > 0) return wrong(`one file at a time: "${rest[0]}" is too many`)
  const stray = Object.keys(values).find((key) => !['network', 'json', ...own[command]].includes(key))
  if (stray !== undefined) return wrong(`--${stray} is not for ${command}`)
  if (values.network === undefined) return wrong('--network NETWORK.json is missing')
  const common = { file, network: values.network, json: values.json ?? false }
  const { from, relay, to } = values
  switch (command) {
    case 'compile': return run({ ...common, command, ...(values.node === undefined ? {} : { node: values.node }) })
    case 'test': return run({ ...common, command })
    case 'lint': return run({ ...common, command, strict: values.strict ?? false })
    case 'explain':
      if (from === undefined) return wrong('--from MACHINE is missing')
      if (relay !== undefined && to === undefined) return run({ ...common, command, from, relay })
      return to !== undefined && relay === undefined ? run({ ...common, command, from, to }) : wrong('either --relay MACHINE or --to MACHINE')
  }
}

const run = (options: Options): ReadOptions => ({ kind: 'run', options })
const wrong = (reason: string): ReadOptions => ({ kind: 'wrong', reason })
