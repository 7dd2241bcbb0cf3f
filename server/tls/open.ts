import type { Clock } from '../../lib/clock.ts'
import type { Env } from '../env.ts'
import type { Log } from '../log.ts'
import { openFileTls } from './files.ts'
import type { Tls } from './types.ts'

export interface TlsDeps {
  readonly clock: Clock
  readonly log: Log
}

/** The HTTPS that the settings ask for; undefined: none. Throws StartError. */
export async function openTls({ tls, publicUrl }: Pick<Env, 'tls' | 'publicUrl' | 'data'>, { clock, log }: TlsDeps): Promise<Tls | undefined> {
  if (!tls) return undefined
  const host = new URL(publicUrl).hostname.replace(/^\[|\]$/g, '')
  if (tls.source.kind === 'files') return openFileTls({ files: tls.source.files, host, clock, onProblem: (text) => log.warn({}, text) })
  throw new Error('not yet')
}
