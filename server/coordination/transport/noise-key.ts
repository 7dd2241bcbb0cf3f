import { join } from 'node:path'
import type { RandomBytes } from '../../../lib/clock.ts'
import { openPrivateKey } from '../../private-files.ts'

/**
 * The server's private Noise key, 32 raw bytes, kept in `<data folder>/coordination/noise.key`; made at the first start.
 * Throws StartError when it is damaged: with a new one, every running client would have to be restarted.
 */
export function openNoiseKey(dataFolder: string, random: RandomBytes): Uint8Array {
  return openPrivateKey(join(dataFolder, 'coordination', 'noise.key'), random, 'then every running client has to be restarted')
}
