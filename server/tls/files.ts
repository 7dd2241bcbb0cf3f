import type { Clock } from '../../lib/clock.ts'
import { StartError } from '../errors/index.ts'
import { covers, readPairFiles, type CertificatePair, type PairFiles } from './pair.ts'
import type { Tls } from './types.ts'

/** How often the files are looked at, ms: links and renames of all kinds are seen, which watching one inode would miss. */
const lookMs = 2000

export interface FileTlsOptions {
  readonly files: PairFiles
  /** The host of the address that others are told; every certificate must be good for it. */
  readonly host: string
  readonly clock: Clock
  /** A newer pair that cannot be used; told once until it changes. */
  readonly onProblem: (text: string) => void
  readonly lookMs?: number | undefined
}

/** The operator's certificate, read again when its files change; a pair that does not fit leaves the last good one in use. Throws StartError. */
export function openFileTls({ files, host, clock, onProblem, lookMs: every = lookMs }: FileTlsOptions): Tls {
  const first = read()
  if (!first.ok) throw new StartError(first.text)
  let good = first.value
  let problem = ''
  /** Seen once: one of two files may have been written a moment before the other. */
  let suspected = ''
  /** Bounded: the listeners of one start. */
  const listeners: ((pair: CertificatePair) => void)[] = []

  function read(): ReturnType<typeof readPairFiles> {
    const found = readPairFiles(files, clock.now())
    if (!found.ok || covers(found.value.pair.cert, host)) return found
    const names = found.value.facts.names.join(', ') || 'no name'
    return { ok: false, text: `The certificate ${files.cert} is for ${names}, not for ${host}: give --public-url a name of the certificate, or another certificate` }
  }

  function look(): void {
    const found = read()
    if (!found.ok) {
      if (found.text === suspected && found.text !== problem) {
        problem = found.text
        onProblem(`${problem}. The certificate read before stays in use`)
      }
      suspected = found.text
      return
    }
    problem = suspected = ''
    const { cert, key } = found.value.pair
    if (cert === good.pair.cert && key === good.pair.key) return
    good = found.value
    for (const listener of listeners) listener(good.pair)
  }

  const timer = setInterval(look, every)
  timer.unref()
  return {
    pair: () => good.pair,
    onPair: (listener) => void listeners.push(listener),
    challenge: () => undefined,
    facts: () => ({
      source: 'files', names: good.facts.names, certificateExpires: new Date(good.facts.notAfter), selfSigned: good.facts.selfSigned, problem, nextTry: null,
    }),
    begin: () => Promise.resolve(),
    close: () => clearInterval(timer),
  }
}
