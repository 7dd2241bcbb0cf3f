import 'reflect-metadata'
import { createHash, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import {
  BasicConstraintsExtension, cryptoProvider, ExtendedKeyUsage, ExtendedKeyUsageExtension, SubjectAlternativeNameExtension, X509CertificateGenerator,
} from '@peculiar/x509'
import { z } from 'zod'
import { toHex } from '../../lib/bytes.ts'
import type { Millis, RandomBytes } from '../../lib/clock.ts'
import { certificateLifetime } from './renewal.ts'

export const certificateSchema = z.object({
  pin: z.string().regex(/^sha256-raw:[0-9a-f]{64}$/),
  notAfter: z.number(),
  hosts: z.array(z.string()),
  /** PEM, both. */
  cert: z.string(),
  key: z.string(),
})
/** A certificate with its key, and what is decided by. */
export type OwnCertificate = z.infer<typeof certificateSchema>

/** `sha256-raw:<hex>` of a certificate's DER: the form in which stock clients take a pin. */
export function pinOf(der: Uint8Array): string {
  return `sha256-raw:${createHash('sha256').update(der).digest('hex')}`
}

/** Clocks differ: one that is slow must not find it not yet valid. */
const beforeNow = 86_400_000

export function pem(label: string, der: ArrayBuffer): string {
  const lines = Buffer.from(der).toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

/** A self-signed certificate (ECDSA, P-256) for `hosts`, names or addresses. */
export async function makeCertificate(hosts: readonly string[], now: Millis, random: RandomBytes, commonName = 'Towpath DERP'): Promise<OwnCertificate> {
  cryptoProvider.set(crypto)
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const serial = random(16)
  // A serial number is positive: RFC 5280 section 4.1.2.2.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40
  // Whole seconds are all that a certificate can say.
  const notAfter = Math.floor((now + certificateLifetime) / 1000) * 1000
  const made = await X509CertificateGenerator.createSelfSigned({
    serialNumber: toHex(serial),
    name: `CN=${commonName}`,
    notBefore: new Date(now - beforeNow),
    notAfter: new Date(notAfter),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    keys,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(hosts.map((host) => ({ type: isIP(host) ? 'ip' as const : 'dns' as const, value: host }))),
    ],
  })
  return {
    pin: pinOf(new Uint8Array(made.rawData)),
    notAfter,
    hosts: [...hosts],
    cert: pem('CERTIFICATE', made.rawData),
    key: pem('PRIVATE KEY', await crypto.subtle.exportKey('pkcs8', keys.privateKey)),
  }
}

/** What a server's PEM says of itself: the first certificate of the chain. Throws when it is none. */
export function readCertificate(cert: string): { readonly pin: string; readonly notAfter: Millis; readonly selfSigned: boolean } {
  const read = new X509Certificate(cert)
  return { pin: pinOf(read.raw), notAfter: Date.parse(read.validTo), selfSigned: read.checkIssued(read) }
}
