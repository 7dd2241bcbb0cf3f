import type { TlsFacts } from '../services/context.ts'
import type { CertificatePair } from './pair.ts'

/** Where the certificate of the dashboard's own TLS comes from, as long as the control plane runs. */
export interface Tls {
  /** What to serve now. */
  pair(): CertificatePair
  /** `listener` gets each later one. */
  onPair(listener: (pair: CertificatePair) => void): void
  /** The answer to an ACME server that asks on port 80 for this token; undefined: nobody asked us to prove it. */
  challenge(token: string): string | undefined
  facts(): TlsFacts
  /** To be called once both ports listen. Resolves when the first certificate is there, or a try for it failed. Never throws. */
  begin(): Promise<void>
  close(): void
}
