import { readFileSync } from 'node:fs'
import { startAgent } from '../agent.ts'
import { DataFolder } from '../config.ts'
import { createLog } from '../log.ts'
import type { RunArguments } from './arguments.ts'

/** Longest that a clean end may take: then the process ends without what was left of it. */
const stopMs = 1800

/** The auth key as it is now; a file that is not there (yet) is no key. */
export function authKeyReader({ authKey, authKeyFile }: Pick<RunArguments, 'authKey' | 'authKeyFile'>): () => string | undefined {
  return () => {
    if (authKey !== undefined || authKeyFile === undefined) return authKey
    try {
      return readFileSync(authKeyFile, 'utf8').trim() || undefined
    } catch {
      return undefined
    }
  }
}

/** Runs until SIGTERM or SIGINT. Throws when the agent cannot start. */
export async function run(args: RunArguments): Promise<void> {
  const log = createLog(args.logLevel)
  let ending: Promise<void> | undefined
  const end = (code: number): void => {
    ending ??= (async () => {
      setTimeout(() => process.exit(code), stopMs).unref()
      await agent.stop()
      process.exit(code)
    })()
  }
  const folder = new DataFolder(args.data)
  const set = folder.forwarding()
  const agent = await startAgent({
    folder,
    server: args.server,
    authKey: authKeyReader(args),
    name: args.nodeName,
    region: args.region,
    metricsPort: args.metricsPort,
    dataPlane: args.dataPlane ?? set.dataPlane,
    sessionRate: args.sessionRate ?? set.sessionRate,
    workers: args.workers ?? set.workers,
    log,
    onRefused(text) {
      // A key in a file may be made anew meanwhile; one on the command line stays what it is.
      if (args.authKeyFile !== undefined) return
      console.error(text)
      end(1)
    },
  })
  process.on('uncaughtException', (error) => {
    log.error({ stack: error.stack }, 'a bug: the agent ends, and goes on with its sessions when it is started again')
    process.exit(1)
  })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      log.info({ signal }, 'stopping')
      end(0)
    })
  }
}
