import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { RandomBytes } from '../../lib/clock.ts'
import { StartError } from '../errors/index.ts'

function existing(file: string): string | undefined {
  try {
    const text = readFileSync(file, 'utf8').trim()
    chmodSync(file, 0o600)
    return text
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw new StartError(`Cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** The secret that signs session cookies, `DATA/keys/session.secret` (mode 0600), made when there is none. Losing it only signs everybody out. */
export function sessionSecret(dataFolder: string, random: RandomBytes): string {
  const file = path.join(dataFolder, 'keys', 'session.secret')
  const found = existing(file)
  if (found !== undefined && found.length >= 32) return found
  const secret = Buffer.from(random(32)).toString('hex')
  try {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(file, `${secret}\n`, { mode: 0o600 })
  } catch (error) {
    throw new StartError(`Cannot write ${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
  return secret
}
