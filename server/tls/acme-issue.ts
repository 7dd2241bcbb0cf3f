import { Agent } from 'node:https'
import { axios, Client, crypto } from 'acme-client'
import type { CertificatePair } from './pair.ts'
import type { AcmeSettings } from './settings.ts'

/** One answer of the authority may take this long, ms. */
const answerMs = 30_000

export interface Order extends Omit<AcmeSettings, 'ca'> {
  /** PEM of the account's key. */
  readonly accountKey: string
  /** PEM: what the authority's own HTTPS is verified by; undefined: the usual ones. */
  readonly ca: string | undefined
  /** From now on port 80 answers for this token. Returns the way to stop that. */
  readonly onChallenge: (token: string, answer: string) => () => void
}

export async function makeAccountKey(): Promise<string> {
  return (await crypto.createPrivateEcdsaKey('P-256')).toString()
}

/** The library asks again by itself, for as long as the authority says, which may be hours: who waits is told of a failure instead. */
function setUp(ca: string | undefined): void {
  Object.assign(axios.defaults, {
    timeout: answerMs,
    httpsAgent: ca === undefined ? undefined : new Agent({ ca }),
    acmeSettings: { httpChallengePort: 80, httpsChallengePort: 443, tlsAlpnChallengePort: 443, retryMaxAttempts: 0, retryDefaultDelay: 1 },
  })
}

/** Asks an authority for a certificate, proven over HTTP on port 80 (RFC 8555, section 8.3). One at a time. Rejects with what the authority says. */
export async function issueCertificate({ name, email, directory, accountKey, ca, onChallenge }: Order): Promise<CertificatePair> {
  setUp(ca)
  const client = new Client({ directoryUrl: directory, accountKey, backoffAttempts: 15, backoffMin: 1000, backoffMax: 10_000 })
  const [key, csr] = await crypto.createCsr({ altNames: [name] }, await crypto.createPrivateEcdsaKey('P-256'))
  let stop = (): void => {}
  const cert = await client.auto({
    csr,
    ...(email === undefined ? {} : { email }),
    termsOfServiceAgreed: true,
    challengePriority: ['http-01'],
    // The authority looks from where clients are; this machine may not even reach its own public address.
    skipChallengeVerification: true,
    async challengeCreateFn(_authorization, { type, token }, answer) {
      if (type !== 'http-01') throw new Error('it offers no proof over HTTP (http-01) for this name')
      stop = onChallenge(token, answer)
    },
    challengeRemoveFn: async () => stop(),
  })
  return { cert, key: key.toString() }
}
