import { createPrivateKey, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { readFileSync } from 'node:fs'
import type { Millis } from '../../lib/clock.ts'

/** PEM, both; `cert` may hold a chain, the server's own first. */
export interface CertificatePair {
  readonly cert: string
  readonly key: string
}

/** What the server's certificate says of itself. */
export interface PairFacts {
  /** DNS names and addresses that it is good for, in its order; a name may be a wildcard. */
  readonly names: readonly string[]
  readonly notBefore: Millis
  readonly notAfter: Millis
  readonly selfSigned: boolean
}

export interface ReadPair {
  readonly pair: CertificatePair
  readonly facts: PairFacts
}

/** Paths of PEM files. */
export interface PairFiles {
  readonly cert: string
  readonly key: string
}

export type PairResult = { readonly ok: true; readonly value: ReadPair } | { readonly ok: false; readonly text: string }

function attempt<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch {
    return undefined
  }
}

function namesOf({ subjectAltName }: X509Certificate): string[] {
  const entries = (subjectAltName ?? '').split(', ')
  return entries.flatMap((entry) => /^(?:DNS|IP Address):(\S+)$/.exec(entry)?.[1] ?? [])
}

/** The facts of the first certificate in a PEM text. Throws when it is none. */
export function factsOf(cert: string): PairFacts {
  const read = new X509Certificate(cert)
  return { names: namesOf(read), notBefore: Date.parse(read.validFrom), notAfter: Date.parse(read.validTo), selfSigned: read.checkIssued(read) }
}

/** Whether a certificate's names cover a host, as clients judge it. */
export function covers(cert: string, host: string): boolean {
  const read = new X509Certificate(cert)
  return (isIP(host) ? read.checkIP(host) : read.checkHost(host, { subject: 'never' })) !== undefined
}

/** The first name that can stand in an address: wildcards cannot. Undefined: there is none. */
export function firstHost({ names }: PairFacts): string | undefined {
  const fit = names.filter((name) => !name.includes('*'))
  return fit.find((name) => isIP(name) === 0) ?? fit[0]
}

/** Reads both files and sees that they fit each other and the time; `text` says what is wrong, where, and how to fix it. */
export function readPairFiles(files: PairFiles, now: Millis): PairResult {
  const fault = (text: string): PairResult => ({ ok: false, text })
  const cert = attempt(() => readFileSync(files.cert, 'utf8'))
  if (cert === undefined) return fault(`Cannot read the certificate ${files.cert}: give --tls-cert a PEM file that this user may read`)
  const key = attempt(() => readFileSync(files.key, 'utf8'))
  if (key === undefined) return fault(`Cannot read the key ${files.key}: give --tls-key a PEM file that this user may read`)
  const facts = attempt(() => factsOf(cert))
  if (!facts) return fault(`${files.cert} is no PEM certificate: give --tls-cert the certificate, with its chain`)
  const privateKey = attempt(() => createPrivateKey(key))
  if (!privateKey) return fault(`${files.key} is no PEM key without a password: give --tls-key the key of the certificate, decrypted`)
  if (!new X509Certificate(cert).checkPrivateKey(privateKey)) {
    return fault(`The key ${files.key} does not belong to the certificate ${files.cert}: give --tls-key the PEM key of that certificate`)
  }
  const day = (time: Millis): string => new Date(time).toISOString().slice(0, 10)
  if (facts.notAfter <= now) return fault(`The certificate ${files.cert} expired on ${day(facts.notAfter)}: put a newer one in its place`)
  if (facts.notBefore > now) return fault(`The certificate ${files.cert} is good only from ${day(facts.notBefore)}: see that this machine’s clock is right`)
  return { ok: true, value: { pair: { cert, key }, facts } }
}
