import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { makeCertificate } from '../derp/certificate.ts'
import type { CertificatePair, PairFiles } from './pair.ts'

/** A self-signed certificate for tests; `madeAt`: when, for those that are over or to come. */
export async function testPair(hosts: readonly string[], madeAt = Date.now()): Promise<CertificatePair> {
  const { cert, key } = await makeCertificate(hosts, madeAt, (length) => new Uint8Array(randomBytes(length)))
  return { cert, key }
}

export interface TestFiles {
  readonly folder: string
  readonly files: PairFiles
  write(pair: Partial<CertificatePair>): void
  remove(): void
}

/** A folder with the two files of a pair. */
export function testFiles(pair: Partial<CertificatePair>): TestFiles {
  const folder = mkdtempSync(path.join(tmpdir(), 'towpath-tls-'))
  const files = { cert: path.join(folder, 'cert.pem'), key: path.join(folder, 'key.pem') }
  const write = ({ cert, key }: Partial<CertificatePair>): void => {
    if (cert !== undefined) writeFileSync(files.cert, cert)
    if (key !== undefined) writeFileSync(files.key, key)
  }
  write(pair)
  return { folder, files, write, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
