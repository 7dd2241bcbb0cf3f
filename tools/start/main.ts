import { StartError } from '../../server/errors/index.ts'
import { helpText, readFlags } from './flags.ts'
import { startAll } from './supervisor.ts'

/** Nothing of an end may take longer. */
const endMs = 30_000

async function main(): Promise<void> {
  const flags = readFlags(process.argv.slice(2), process.env)
  if (flags.help) return console.log(helpText())
  const stopping = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stopping.abort())
  await startAll(flags, console.log, stopping.signal)
}

try {
  await main()
} catch (error) {
  console.error(error instanceof StartError ? error.message : error)
  process.exitCode = 1
}
setTimeout(() => process.exit(), endMs).unref()
