import 'reflect-metadata'
import { BasicConstraintsExtension, cryptoProvider, X509CertificateGenerator } from '@peculiar/x509'
import { toHex } from '../../lib/bytes.ts'
import type { Millis } from '../../lib/clock.ts'
import { pem } from './certificate.ts'

const protocolVersion = 2
/** Nobody checks its dates, but some systems want it to have some. */
const lifetime = 10 * 365 * 86_400_000

/**
 * What stands behind the served certificate for stock clients: DERP's version as its number, the server's key in its name. Whoever
 * finds it needs no HTTP reply and asks for a fast start. Made anew at each start, in PEM; its own key is of no use to anybody.
 */
export async function makeMetaCertificate(publicKey: Uint8Array, now: Millis): Promise<string> {
  cryptoProvider.set(crypto)
  const made = await X509CertificateGenerator.createSelfSigned({
    serialNumber: protocolVersion.toString(16).padStart(2, '0'),
    name: `CN=derpkey${toHex(publicKey)}`,
    notBefore: new Date(now - lifetime),
    notAfter: new Date(now + lifetime),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    keys: await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']),
    extensions: [new BasicConstraintsExtension(false, undefined, true)],
  })
  return pem('CERTIFICATE', made.rawData)
}
