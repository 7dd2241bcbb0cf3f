import { join } from 'node:path'
import { fromHex, toHex } from '../../lib/bytes.ts'
import type { RandomBytes } from '../../lib/clock.ts'
import { keyBytes } from '../../protocol/keys.ts'
import { StartError } from '../errors/index.ts'
import { readPrivate, writePrivate } from '../private-files.ts'

/** The server's own key, 32 raw bytes, kept in `<folder>/server.key`; made at the first start. */
export function openServerKey(folder: string, random: RandomBytes): Uint8Array {
  const path = join(folder, 'server.key')
  const text = readPrivate(path)
  if (text === undefined) {
    const made = Uint8Array.from(random(keyBytes))
    writePrivate(path, `${toHex(made)}\n`)
    return made
  }
  const key = fromHex(text.trim())
  if (key?.length !== keyBytes) throw new StartError(`${path} is damaged: restore it from a back-up, or remove it to have a new key made`)
  return key
}
