import { readFileSync } from 'node:fs'
import type { Clock, Millis, RandomBytes } from '../../lib/clock.ts'
import { makeCertificate } from '../derp/certificate.ts'
import { StartError } from '../errors/index.ts'
import { issueCertificate, makeAccountKey, type Order } from './acme-issue.ts'
import { renewAt, retryAfter } from './acme-schedule.ts'
import { openAcmeStore } from './acme-store.ts'
import { factsOf, type CertificatePair, type PairFacts } from './pair.ts'
import type { AcmeSettings } from './settings.ts'
import type { Tls } from './types.ts'

/** The clock may be set meanwhile: it is looked at this often, ms. */
const lookMs = 60_000

export interface AcmeTlsOptions {
  readonly acme: AcmeSettings
  /** The control plane's data folder. */
  readonly data: string
  readonly clock: Clock
  readonly random: RandomBytes
  /** What goes on, a sentence each. */
  readonly onProgress: (text: string) => void
  readonly onProblem: (text: string) => void
  /** For tests; absent: asks the authority. */
  readonly issue?: ((order: Order) => Promise<CertificatePair>) | undefined
}

/** Why a try failed: what the authority said, or why it was not reached. One line. */
function reasonOf(error: unknown, { name, directory }: AcmeSettings): string {
  const { host } = new URL(directory)
  if (!(error instanceof Error)) return `${host} gave no certificate for ${name}: ${String(error)}`
  // Of the file system: of all that may fail here it alone tells a path.
  if ('path' in error) return `The certificate for ${name}, or its account’s key, cannot be kept (${error.message}): see that this user may write there and that the disk is not full`
  if ('code' in error && !('response' in error && error.response !== undefined)) {
    const what = error.message || String(error.code)
    return `${host}, which gives out the certificate for ${name}, is not reached (${what}): see that this machine has a way to it`
  }
  return `${host} gave no certificate for ${name} (${error.message.replace(/\s+/g, ' ').trim()}): see that the name leads to this machine and that its port 80 is reached from everywhere`
}

function readCa(file: string | undefined): string | undefined {
  try {
    return file === undefined ? undefined : readFileSync(file, 'utf8')
  } catch (error) {
    throw new StartError(`Cannot read ${file}: give --acme-ca a PEM file that this user may read`, { cause: error })
  }
}

/** A certificate from an ACME authority, renewed by itself; until there is one, a self-signed makeshift. Throws StartError. */
export async function openAcmeTls({ acme, data, clock, random, onProgress, onProblem, issue = issueCertificate }: AcmeTlsOptions): Promise<Tls> {
  const store = openAcmeStore(data, acme.directory)
  const ca = readCa(acme.ca)
  const kept = store.certificate(acme.name)
  // A damaged file ends the start, not a renewal in two months.
  store.accountKey()
  let pair: CertificatePair = kept ?? await makeCertificate([acme.name], clock.now(), random, 'Towpath')
  let facts: PairFacts = factsOf(pair.cert)
  let isMakeshift = kept === undefined
  let problem = ''
  let failures = 0
  let nextTry: Millis = isMakeshift ? 0 : renewAt(facts)
  let trying: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  /** Bounded: the proofs of one order, taken away at its end. */
  const answers = new Map<string, string>()
  /** Bounded: the listeners of one start. */
  const listeners: ((pair: CertificatePair) => void)[] = []

  async function accountKey(): Promise<string> {
    const kept = store.accountKey()
    if (kept !== undefined) return kept
    const made = await makeAccountKey()
    store.keepAccountKey(made)
    return made
  }

  /** One that cannot be kept is good all the same, and authorities give out few of one name. */
  function keep(made: CertificatePair): void {
    try {
      store.keepCertificate(acme.name, made)
    } catch (error) {
      problem = `${reasonOf(error, acme)}. It is in use, and the next start asks for another`
      onProblem(problem)
    }
  }

  async function order(): Promise<void> {
    const { host } = new URL(acme.directory)
    onProgress(`asking ${host} for a certificate for ${acme.name} …`)
    try {
      const made = await issue({
        ...acme, ca, accountKey: await accountKey(),
        onChallenge(token, answer) {
          answers.set(token, answer)
          return () => answers.delete(token)
        },
      })
      facts = factsOf(made.cert)
      pair = made
      isMakeshift = false
      problem = ''
      failures = 0
      nextTry = renewAt(facts)
      for (const listener of listeners) listener(pair)
      keep(made)
      onProgress(`the certificate for ${acme.name} is there, good until ${new Date(facts.notAfter).toISOString().slice(0, 10)}`)
    } catch (error) {
      failures++
      const wait = retryAfter(failures, (random(1)[0] ?? 0) / 256)
      nextTry = clock.now() + wait
      problem = reasonOf(error, acme)
      onProblem(`${problem}. It is tried again in ${Math.round(wait / 60_000)} min`)
    } finally {
      answers.clear()
    }
  }

  function look(): Promise<void> | undefined {
    if (!trying && clock.now() >= nextTry) {
      trying = order().finally(() => {
        trying = undefined
      })
    }
    return trying
  }

  return {
    pair: () => pair,
    onPair: (listener) => void listeners.push(listener),
    challenge: (token) => answers.get(token),
    facts: () => ({
      source: 'acme', names: facts.names, certificateExpires: new Date(facts.notAfter), selfSigned: isMakeshift, problem,
      nextTry: trying ? null : new Date(nextTry),
    }),
    async begin() {
      timer = setInterval(() => void look(), lookMs)
      timer.unref()
      const first = look()
      // One that is good yet need not wait for the next.
      if (isMakeshift || facts.notAfter <= clock.now()) await first
    },
    close: () => clearInterval(timer),
  }
}
