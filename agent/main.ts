// First: see there.
import './memory.ts'
import { readCommand, type Command } from './cli/arguments.ts'
import { helpText } from './cli/help.ts'
import { join } from './cli/join.ts'
import { fetchStatus, statusText } from './cli/local.ts'
import { run } from './cli/run.ts'
import { set } from './cli/set.ts'
import { agentVersion } from './version.ts'

async function execute(command: Command): Promise<void> {
  switch (command.name) {
    case 'help': return void process.stdout.write(helpText)
    case 'version': return console.log(agentVersion)
    case 'run': return run(command)
    case 'join': return console.log(await join(command))
    case 'set': return console.log(set(command))
    case 'status': {
      const status = await fetchStatus(command.data)
      return console.log(command.json ? JSON.stringify(status, null, 2) : statusText(status))
    }
  }
}

try {
  await execute(readCommand(process.argv.slice(2)))
} catch (error) {
  const text = error instanceof Error ? error.message : String(error)
  console.error(text.split('\n')[0])
  // What was already started when it failed (a connection) would keep the process.
  process.exit(1)
}
