import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { runningUrl, startEmbedded } from '../../server/db/embedded.ts'
import { lockHolder, takeOwnerLock } from '../../server/db/owner-lock.ts'
import { readDatabaseUrl, readSettings, settingNames, type Variables } from '../../server/env.ts'
import { StartError } from '../../server/errors/index.ts'

export interface Installation {
  /** What the link begins with. */
  readonly publicUrl: string
  /** Whether the control plane answers now. */
  readonly isRunning: boolean
  readonly databaseUrl: string
  /** Ends what was started for this. */
  close(): Promise<void>
}

const addressSchema = z.object({ publicUrl: z.string() })
const databaseName = 'towpath'

/** The address that the control plane last had, as it left it; undefined: it never ran here. */
function lastAddress(data: string): string | undefined {
  try {
    return addressSchema.parse(JSON.parse(readFileSync(path.join(data, 'server.json'), 'utf8'))).publicUrl
  } catch {
    return undefined
  }
}

async function embedded(data: string): Promise<Pick<Installation, 'databaseUrl' | 'close'>> {
  const folder = path.join(data, 'postgres')
  try {
    statSync(path.join(folder, 'PG_VERSION'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES') {
      throw new StartError(`The installation in ${data} belongs to another user: run this as the user that runs npm start`, { cause: error })
    }
    throw new StartError(`There is no installation in ${data}: give its folder with --data, or set DATABASE_URL to its database`, { cause: error })
  }
  const running = runningUrl(folder, databaseName)
  if (running !== undefined && lockHolder(data) !== undefined) return { databaseUrl: running, close: async () => {} }
  // Nobody uses it: its database is started for this alone.
  const lock = takeOwnerLock(data)
  try {
    const server = await startEmbedded({ dataDir: folder })
    return {
      databaseUrl: server.url(databaseName),
      async close() {
        await server.stop()
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

/** The installation that the variables name, running or stopped. Throws StartError with one line that says why there is none. */
export async function openInstallation(variables: Variables): Promise<Installation> {
  const settings = readSettings(variables)
  // Before the lock may become our own.
  const isRunning = lockHolder(settings.data) !== undefined
  const given = variables.DATABASE_URL
  const database = given ? { databaseUrl: readDatabaseUrl(given), close: async () => {} } : await embedded(settings.data)
  const publicUrl = variables[settingNames.publicUrl.variable] ? settings.publicUrl : lastAddress(settings.data) ?? settings.publicUrl
  return { ...database, publicUrl, isRunning }
}
