import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { z } from 'zod'
import type { Clock, Millis, RandomBytes } from '../../lib/clock.ts'
import { StartError } from '../errors/index.ts'
import { certificateSchema, makeCertificate, readCertificate, type OwnCertificate } from './certificate.ts'
import { readPrivate, writePrivate } from '../private-files.ts'
import { acceptedPins, afterStep, renewalStep, type CertificateState } from './renewal.ts'

/** Where the served certificate comes from. */
export interface CertificateStore {
  /** PEM, both. */
  readonly served: { readonly cert: string; readonly key: string }
  /** What clients are to accept; empty: the system's authorities vouch for it. */
  readonly pins: readonly string[]
  readonly notAfter: Millis
  /** Made here, not given by the operator. */
  readonly own: boolean
  /** Renews or reads again what is due; true when `served` or `pins` are others now. */
  refresh(): Promise<boolean>
}

const stateSchema = z.object({
  current: certificateSchema,
  next: z.object({ certificate: certificateSchema, since: z.number() }).optional(),
  previous: z.object({ pin: z.string(), until: z.number() }).optional(),
})

/** Own certificates in `<folder>/certificate.json`, made at the first start and renewed as `renewal.ts` decides. */
export async function openOwnCertificates(folder: string, hosts: readonly string[], clock: Clock, random: RandomBytes): Promise<CertificateStore> {
  const path = join(folder, 'certificate.json')
  let state: CertificateState<OwnCertificate> = readState(path) ?? { current: await makeCertificate(hosts, clock.now(), random) }
  writePrivate(path, JSON.stringify(state))

  async function refresh(): Promise<boolean> {
    let changed = false
    for (let step = renewalStep(state, hosts, clock.now()); step; step = renewalStep(state, hosts, clock.now())) {
      const now = clock.now()
      state = afterStep(state, step, now, step === 'make' ? await makeCertificate(hosts, now, random) : state.current)
      // Written before anybody is told: what was pushed as a pin must still be there after a crash.
      writePrivate(path, JSON.stringify(state))
      changed = true
    }
    return changed
  }

  await refresh()
  return {
    get served() { return state.current },
    get pins() { return acceptedPins(state) },
    get notAfter() { return state.current.notAfter },
    own: true,
    refresh,
  }
}

function readState(path: string): CertificateState<OwnCertificate> | undefined {
  const text = readPrivate(path)
  if (text === undefined) return undefined
  try {
    return stateSchema.parse(JSON.parse(text))
  } catch {
    throw new StartError(`${path} is damaged: restore it from a back-up, or remove it to have a new certificate made`)
  }
}

export interface CertificateFiles {
  /** Paths of PEM files; `cert` may hold a chain. */
  readonly cert: string
  readonly key: string
}

/** The operator's files, read again when they change; one that does not fit leaves the last good pair in use. `host`: what clients are told. */
export function openCertificateFiles(files: CertificateFiles, host: string, onProblem: (text: string) => void): CertificateStore {
  let read = readFiles(files)
  if (!read.ok) throw new StartError(read.text)
  let good = read
  warn(good.served.cert)

  function warn(cert: string): void {
    const text = namesText(files.cert, cert, host)
    if (text !== undefined) onProblem(text)
  }
  let oldPin: string | undefined

  return {
    get served() { return good.served },
    get pins() {
      if (!good.selfSigned) return []
      return oldPin === undefined ? [good.pin] : [good.pin, oldPin]
    },
    get notAfter() { return good.notAfter },
    own: false,
    async refresh() {
      const last = read
      read = readFiles(files)
      if (!read.ok) {
        if (last.ok || last.text !== read.text) onProblem(`${read.text}. The certificate read before stays in use`)
        return false
      }
      if (read.served.cert === good.served.cert && read.served.key === good.served.key) return false
      // Nobody could be told of it in advance: those who have not heard yet may still know the old one.
      oldPin = good.selfSigned && good.pin !== read.pin ? good.pin : undefined
      good = read
      warn(good.served.cert)
      return true
    },
  }
}

type FilesRead =
  | { readonly ok: true; readonly served: CertificateStore['served']; readonly pin: string; readonly notAfter: Millis; readonly selfSigned: boolean }
  | { readonly ok: false; readonly text: string }

function readFiles(files: CertificateFiles): FilesRead {
  const cert = attempt(() => readFileSync(files.cert, 'utf8'))
  if (cert === undefined) return { ok: false, text: `Cannot read the DERP certificate ${files.cert}: give --derp-cert a PEM file that this user may read` }
  const key = attempt(() => readFileSync(files.key, 'utf8'))
  if (key === undefined) return { ok: false, text: `Cannot read the DERP key ${files.key}: give --derp-key a PEM file that this user may read` }
  const facts = attempt(() => readCertificate(cert))
  if (!facts) return { ok: false, text: `${files.cert} is no PEM certificate: give --derp-cert the certificate, with its chain` }
  const fits = attempt(() => new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) ?? false
  if (!fits) {
    return { ok: false, text: `The key ${files.key} does not belong to the certificate ${files.cert}: give --derp-key the PEM key of that certificate` }
  }
  // Stock clients that go by a pin refuse whoever presents more than that one certificate.
  return { ok: true, served: { cert: facts.selfSigned ? firstOf(cert) : cert, key }, ...facts }
}

function firstOf(cert: string): string {
  return /-----BEGIN CERTIFICATE-----[^]+?-----END CERTIFICATE-----\n?/.exec(cert)?.[0] ?? cert
}

/** Stock clients refuse a certificate that does not name the host; to an address they do not mind when they have a pin. Undefined: all is well. */
function namesText(path: string, cert: string, host: string): string | undefined {
  const read = new X509Certificate(cert)
  const fits = isIP(host) === 0 ? read.checkHost(host) !== undefined : read.checkIP(host) !== undefined || read.checkIssued(read)
  return fits ? undefined : `The DERP certificate ${path} is not for ${host}: stock clients refuse it. Give --public-address a name that it is for, or --derp-cert one for ${host}`
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run()
  } catch {
    return undefined
  }
}
