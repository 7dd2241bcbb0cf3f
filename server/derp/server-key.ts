import { join } from 'node:path'
import type { RandomBytes } from '../../lib/clock.ts'
import { openPrivateKey } from '../private-files.ts'

/** The server's own key, 32 raw bytes, kept in `<folder>/server.key`; made at the first start. */
export function openServerKey(folder: string, random: RandomBytes): Uint8Array {
  return openPrivateKey(join(folder, 'server.key'), random)
}
