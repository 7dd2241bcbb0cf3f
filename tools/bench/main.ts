import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { benches, benchJson, benchText, CannotBench } from '../../tests/bench/index.ts'

const usage = `npm run bench -- NAME [--rounds N] [--only PART,PART] [--full] [--json FILE] [--markdown FILE] [--svg FILE] [--against COMMAND]
${benches.flatMap(({ name, about, parts = [] }) => [`  ${name.padEnd(12)} ${about}`, ...parts.map((part) => `    ${part.name.padEnd(10)} ${part.about}`)]).join('\n')}`

class Mistake extends Error {}

function read() {
  try {
    return parseArgs({ allowPositionals: true, options: { rounds: { type: 'string' }, full: { type: 'boolean' }, only: { type: 'string' }, against: { type: 'string' }, json: { type: 'string' }, markdown: { type: 'string' }, svg: { type: 'string' }, help: { type: 'boolean', short: 'h' } } })
  } catch (error) {
    // Node's text has a second sentence about how to write positionals.
    throw new Mistake(`${error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error)}. See --help`)
  }
}

async function main(): Promise<void> {
  const { values, positionals: [name, extra] } = read()
  if (values.help) return console.log(usage)
  if (name === undefined) throw new Mistake(usage)
  const bench = benches.find((known) => known.name === name)
  if (!bench || extra !== undefined) throw new Mistake(`No such bench: "${extra ?? name}"\n${usage}`)
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds)
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds >= 1 && rounds <= 1000)) {
    throw new Mistake(`--rounds is a whole number from 1 to 1000, not "${values.rounds}"`)
  }
  const only = values.only?.split(',') ?? []
  const known = bench.parts?.map((part) => part.name) ?? []
  const unknown = only.find((part) => !known.includes(part))
  if (unknown !== undefined) throw new Mistake(known.length === 0 ? `The bench "${name}" has no parts: leave out --only` : `--only takes ${known.join(', ')}, not "${unknown}"`)
  const result = await bench.run({ rounds, full: values.full ?? false, only, against: values.against, say: (line) => console.log(line) })
  if (result.markdown !== undefined) console.log(`\n${result.markdown}`)
  console.log(`\n${benchText(result)}`)
  const files = [[values.json, benchJson(result)], [values.markdown, result.markdown], [values.svg, result.svg]] as const
  for (const [file, text] of files) {
    if (file !== undefined && text !== undefined) writeFileSync(file, text.endsWith('\n') ? text : `${text}\n`)
  }
  process.exitCode = result.bars.every(({ holds }) => holds) ? 0 : 1
}

try {
  await main()
} catch (error) {
  if (!(error instanceof Mistake || error instanceof CannotBench)) throw error
  console.error(error.message)
  process.exitCode = 1
}
