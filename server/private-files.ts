import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { fromHex, toHex } from '../lib/bytes.ts'
import type { RandomBytes } from '../lib/clock.ts'
import { StartError } from './errors/index.ts'

/** Of every private key that the server keeps, raw. */
const privateKeyBytes = 32

/** The text of a file; undefined where there is none. Other failures (no permission) throw. */
export function readPrivate(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** Mode 0600, and after a power cut either the old text or the new. */
export function writePrivate(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const temporary = `${path}.new`
  const file = openSync(temporary, 'w', 0o600)
  try {
    const bytes = Buffer.from(text)
    // One call may write less than it was given.
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
}

/**
 * A private key, 32 raw bytes, kept in a file as hex; made at the first start. Throws StartError when it is damaged;
 * `consequence` says what a new one means.
 */
export function openPrivateKey(path: string, random: RandomBytes, consequence?: string): Uint8Array {
  const text = readPrivate(path)
  if (text === undefined) {
    const made = Uint8Array.from(random(privateKeyBytes))
    writePrivate(path, `${toHex(made)}\n`)
    return made
  }
  const key = fromHex(text.trim())
  if (key?.length === privateKeyBytes) return key
  const what = consequence === undefined ? '' : ` (${consequence})`
  throw new StartError(`${path} is damaged: restore it from a back-up, or remove it to have a new key made${what}`)
}
