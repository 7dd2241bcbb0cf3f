import type { Clock, RandomBytes } from '../../lib/clock.ts'
import type { Env } from '../env.ts'
import type { Log } from '../log.ts'
import { openAcmeTls } from './acme.ts'
import { openFileTls } from './files.ts'
import type { Tls } from './types.ts'

export interface TlsDeps {
  readonly clock: Clock
  readonly random: RandomBytes
  readonly log: Log
  /** What goes on while the first certificate is awaited. */
  readonly onProgress: (text: string) => void
}

/** The HTTPS that the settings ask for; undefined: none. Throws StartError. */
export async function openTls({ tls, publicUrl, data }: Pick<Env, 'tls' | 'publicUrl' | 'data'>, { clock, random, log, onProgress }: TlsDeps): Promise<Tls | undefined> {
  if (!tls) return undefined
  const host = new URL(publicUrl).hostname.replace(/^\[|\]$/g, '')
  const onProblem = (text: string): void => log.warn({}, text)
  if (tls.source.kind === 'files') return openFileTls({ files: tls.source.files, host, clock, onProblem })
  return openAcmeTls({
    acme: tls.source.acme, data, clock, random, onProblem,
    onProgress(text) {
      log.info({}, text)
      onProgress(text)
    },
  })
}
