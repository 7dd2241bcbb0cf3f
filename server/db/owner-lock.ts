import { randomBytes } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { StartError } from '../errors/index.ts'
import { identify, isAlive, processIdentitySchema, type ProcessIdentity } from './process-identity.ts'

export interface OwnerLock {
  release(): void
}

const lockFile = (folder: string): string => path.join(folder, 'towpath.lock')

function readHolder(file: string): ProcessIdentity | undefined {
  try {
    return processIdentitySchema.safeParse(JSON.parse(readFileSync(file, 'utf8'))).data
  } catch {
    return undefined
  }
}

/** Who uses the data folder now; undefined: nobody. What a killed process left counts as nobody. */
export function lockHolder(folder: string): ProcessIdentity | undefined {
  const holder = readHolder(lockFile(folder))
  return holder && isAlive(holder) ? holder : undefined
}

const errorCode = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined)

/** Makes this process the one that uses the data folder. Throws StartError while another does. */
export function takeOwnerLock(folder: string): OwnerLock {
  const file = lockFile(folder)
  const own = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  const text = JSON.stringify(identify(process.pid))
  writeFileSync(own, text, { mode: 0o600 })
  try {
    for (let attempt = 0; attempt < 10; attempt++) {
      try {
        // A link appears with its content or not at all: nobody reads a lock that is half written.
        linkSync(own, file)
        return {
          release() {
            if (readFileSync(file, 'utf8') === text) rmSync(file)
          },
        }
      } catch (error) {
        if (errorCode(error) !== 'EEXIST') throw error
      }
      const holder = lockHolder(folder)
      if (holder) throw inUse(folder, holder)
      takeAside(file)
    }
    throw new StartError(`${folder} is being taken by another process: try again, or give --data another folder`)
  } finally {
    rmSync(own, { force: true })
  }
}

function inUse(folder: string, { pid }: ProcessIdentity): StartError {
  return new StartError(`${folder} is in use by another Towpath (process ${pid}): stop it, or give --data another folder`)
}

/** Removes a dead process's lock. Should it be a living one's, taken since we looked, it goes back. */
function takeAside(file: string): void {
  const aside = `${file}.${process.pid}.stale`
  try {
    renameSync(file, aside)
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return
    throw error
  }
  const holder = readHolder(aside)
  if (holder && isAlive(holder)) linkSync(aside, file)
  rmSync(aside)
}
