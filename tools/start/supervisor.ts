import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { connect, describeUrl } from '../../server/db/connect.ts'
import { takeOwnerLock } from '../../server/db/owner-lock.ts'
import { embeddedVariable, readDatabaseUrl, readSettings, type Variables } from '../../server/env.ts'
import { StartError } from '../../server/errors/index.ts'
import { builtPages } from '../../server/http/pages-folder.ts'
import type { Readiness } from '../../server/readiness.ts'
import { agentVariables } from './agent-variables.ts'
import { databaseName, startDatabase } from './database.ts'
import { endCompiler } from './end-compiler.ts'
import type { Flags } from './flags.ts'
import { keepRunning, type Kept, type Run } from './keep-running.ts'
import { endLeftovers, ProcessList } from './leftovers.ts'
import { LogFile, withoutRepeats } from './log-file.ts'
import { startNode } from './node-program.ts'
import { checkPorts, prepareFolders } from './preflight.ts'
import { readyBlock } from './ready.ts'

const root = path.resolve(import.meta.dirname, '../..')
type Say = (line: string) => void

/** Programs that were started, ended in reverse; those of one step together. */
class Started {
  /** Bounded: the few programs of a start. */
  #kept: Kept[] = []

  add(kept: Kept): void {
    this.#kept.unshift(kept)
  }

  async stop(): Promise<void> {
    for (const kept of this.#kept) await kept.stop()
  }
}

/** In a process of its own: what a build needs of memory goes with it. */
async function build(stop: AbortSignal): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', path.join(root, 'tools/build/main.ts')], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  const end = (): void => void child.kill('SIGTERM')
  stop.addEventListener('abort', end)
  const [code] = await once(child, 'exit')
  stop.removeEventListener('abort', end)
  if (code !== 0 && !stop.aborted) throw new StartError('The build failed: see the lines above')
}

/** Runs everything until `stop` is given. Throws StartError when the start fails; what was started is ended before. */
export async function startAll(flags: Flags, say: Say, stop: AbortSignal): Promise<void> {
  const settings = readSettings(flags.variables)
  const { data } = settings
  const given = flags.variables.DATABASE_URL
  const ownDatabase = given ? readDatabaseUrl(given) : undefined
  const logs = path.join(data, 'logs')
  prepareFolders(data, logs, path.join(data, 'keys'))
  const lock = takeOwnerLock(data)
  const processes = new ProcessList(path.join(data, 'processes.json'))
  const started = new Started()
  const stopped = new Promise<void>((resolve) => stop.addEventListener('abort', () => resolve(), { once: true }))

  async function program(name: string, title: string, start: () => Promise<Run>): Promise<void> {
    if (stop.aborted) return
    started.add(await keepRunning({ name: title, start, say, onStarted: ({ pid }) => processes.set(name, pid) }))
  }

  try {
    await endLeftovers(path.join(data, 'processes.json'))
    await checkPorts(settings)
    if (ownDatabase !== undefined) await (await connect(ownDatabase)).end()
    await build(stop)
    const pages = stop.aborted ? '' : builtPages(root)

    const log = (name: string) => new LogFile(path.join(logs, `${name}.log`))
    let databaseUrl = ownDatabase
    if (databaseUrl === undefined && !stop.aborted) {
      say('Starting the database …')
      const databaseLog = log('database')
      await program('database', 'The database', async () => {
        const server = await startDatabase(data, (text) => databaseLog.write(text))
        databaseUrl = server.url(databaseName)
        return server
      })
    }

    const serverLog = log('control-plane')
    const showServer = withoutRepeats((line) => say(`control plane: ${line}`))
    let readiness: Extract<Readiness, { type: 'ready' }> | undefined
    if (!stop.aborted) say('Starting the control plane …')
    await program('control-plane', 'The control plane', async () => {
      const variables = {
        ...flags.variables, TOWPATH_DATA: data, TOWPATH_ROOT: root, TOWPATH_PAGES: pages, DATABASE_URL: databaseUrl, [embeddedVariable]: ownDatabase === undefined ? '1' : '',
      }
      const run = startNode({
        file: path.join(root, 'dist/server.mjs'), args: [], variables, cwd: root, log: serverLog, show: showServer, stopMs: 6000,
      })
      const end = (): void => void run.stop()
      stop.addEventListener('abort', end)
      const answer = await run.readiness.finally(() => stop.removeEventListener('abort', end))
      if (answer.type === 'failed') {
        await run.exited
        throw new StartError(answer.text)
      }
      readiness ??= answer
      return run
    })

    if (flags.agent) {
      const agentLog = log('agent')
      const showAgent = withoutRepeats((line) => say(`agent: ${line}`))
      if (!stop.aborted) say('Starting this machine’s agent …')
      await program('agent', 'The agent', async () => startNode({
        file: path.join(root, 'dist/agent.mjs'), args: [...agentArguments(data, settings), ...flags.agentOptions], variables: agentVariables(flags.variables), cwd: root,
        log: agentLog, show: showAgent, stopMs: 4000,
      }))
    }

    if (!stop.aborted) {
      const warnings = [...(readiness?.warnings ?? [])]
      const unasked = flags.agent && flags.relay ? await askToRelay(data, flags.variables, stop) : undefined
      if (unasked !== undefined) warnings.push(unasked)
      if (settings.isLoopbackOnly) {
        warnings.push('only this machine reaches the dashboard: give --public-url the address by which others reach it, or they cannot join')
      }
      if (!settings.isLoopbackOnly && settings.publicUrl.startsWith('http:')) {
        // The control plane's own warning may have said how already.
        const ways = 'start with --acme NAME, or --tls-cert and --tls-key, or put a proxy with HTTPS in front and give its address as --public-url'
        warnings.push(`passwords go over plain HTTP: ${warnings.some((one) => one.includes('--acme')) ? 'HTTPS ends that too' : ways}`)
      }
      say(readyBlock({
        url: settings.publicUrl, ownerLink: readiness?.ownerLink, data, database: ownDatabase && describeUrl(ownDatabase), warnings,
      }))
    }
    endCompiler()
    await stopped
    say('Stopping …')
  } catch (error) {
    // Asked to end while starting: what broke off is no failure.
    if (!stop.aborted) throw error
  } finally {
    await started.stop()
    lock.release()
  }
}

/** Where programs on this machine reach the control plane, whatever the public URL is. */
function localUrl({ bind, port }: { readonly bind: string | undefined; readonly port: number }): string {
  const host = bind === undefined || bind === '0.0.0.0' ? '127.0.0.1' : bind
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** The agent's own command, once the agent has its folder: it asks to relay on the usual port, and the dashboard's switch decides. Returns a warning. */
async function askToRelay(data: string, variables: Variables, stop: AbortSignal): Promise<string | undefined> {
  const args = [path.join(root, 'dist/agent.mjs'), 'set', '--relay-server-port=40000', '--data', path.join(data, 'agent')]
  for (let left = 20; ; left--) {
    const run = spawnSync(process.execPath, args, { encoding: 'utf8', env: { ...agentVariables(variables), NODE_ENV: 'production' } })
    if (run.status === 0 || stop.aborted) return undefined
    if (left === 0) return `this machine did not ask to relay: ${run.stderr.trim().split('\n')[0]}`
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

function agentArguments(data: string, settings: { readonly bind: string | undefined; readonly port: number }): string[] {
  return ['run', '--server', localUrl(settings), '--auth-key-file', path.join(data, 'keys', 'agent.key'), '--data', path.join(data, 'agent')]
}
