import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import path from 'node:path'
import { z } from 'zod'
import { StartError } from '../errors/index.ts'
import { readPrivate, writePrivate } from '../private-files.ts'
import type { CertificatePair } from './pair.ts'

const accountSchema = z.object({ key: z.string() })
const certificateSchema = z.object({ name: z.string(), cert: z.string(), key: z.string() })

/** What outlives a restart, in `<data>/tls`, mode 0600: each authority's own account key and certificate. */
export interface AcmeStore {
  /** PEM; undefined: none was made yet. */
  accountKey(): string | undefined
  keepAccountKey(key: string): void
  /** The last one for `name`; undefined: none. */
  certificate(name: string): CertificatePair | undefined
  keepCertificate(name: string, pair: CertificatePair): void
}

/** Throws StartError, also later, where a file is there and is none of ours. */
function read<T>(file: string, schema: z.ZodType<T>): T | undefined {
  const text = readPrivate(file)
  if (text === undefined) return undefined
  try {
    return schema.parse(JSON.parse(text))
  } catch {
    throw new StartError(`${file} is damaged: restore it from a back-up, or remove it to have a new one made`)
  }
}

function fits({ cert, key }: CertificatePair): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))
  } catch {
    return false
  }
}

/** The files of the authority with this directory: a try with a test authority leaves those of the real one alone. */
export function openAcmeStore(data: string, directory: string): AcmeStore {
  const { hostname } = new URL(directory)
  const folder = path.join(data, 'tls', `${hostname.replace(/[^\w.-]/g, '')}-${createHash('sha256').update(directory).digest('hex').slice(0, 8)}`)
  const account = path.join(folder, 'account.json')
  const certificate = path.join(folder, 'certificate.json')
  return {
    accountKey: () => read(account, accountSchema)?.key,
    keepAccountKey: (key) => writePrivate(account, JSON.stringify({ key })),
    certificate(name) {
      const kept = read(certificate, certificateSchema)
      return kept && kept.name === name && fits(kept) ? { cert: kept.cert, key: kept.key } : undefined
    },
    keepCertificate: (name, { cert, key }) => writePrivate(certificate, JSON.stringify({ name, cert, key })),
  }
}
