import { isIP } from 'node:net'
import type { TlsFacts } from '../services/context.ts'

/** Whether a stock client that lost its connection comes back to a login server by itself. */
export type Judgement = { readonly reconnects: true } | { readonly reconnects: false; readonly warning: string }

const fix = 'start with --acme NAME, or --tls-cert and --tls-key, or put a proxy with HTTPS in front and give its https address as --public-url'

/** Addresses that clients hold to the login server's own port for: written as such, as names are not resolved for this. */
function isPrivateLiteral(host: string): boolean {
  if (host === 'localhost') return true
  const address = host.replace(/^\[|\]$/g, '')
  if (isIP(address) === 6) return address === '::1' || /^f[cd][0-9a-f]{2}:/.test(address)
  if (isIP(address) !== 4) return false
  const [a = 0, b = 0] = address.split('.').map(Number)
  return a === 127 || a === 10 || (a === 172 && b >= 16 && b <= 31) || (a === 192 && b === 168)
}

/**
 * Judges a login server's address. After a lost connection a client dials TLS alone: the port of an `https` address, and for
 * `http` port 443 of the same host, whatever port it was given; only for private literals it goes on with that port.
 * `servesTls443`: we serve HTTPS on 443 ourselves; any certificate will do for that dial.
 */
export function judgeLoginUrl(text: string, servesTls443 = false): Judgement {
  if (!URL.canParse(text)) return { reconnects: false, warning: `“${text}” is no address of a login server: give one such as https://relay.example.com` }
  const { protocol, hostname, origin } = new URL(text)
  if (protocol === 'https:' || (protocol === 'http:' && (isPrivateLiteral(hostname) || servesTls443))) return { reconnects: true }
  return {
    reconnects: false,
    warning: `A client that loses its connection to ${origin} does not come back, as it then dials only https://${hostname}: ${fix}`,
  }
}

export interface JoinUrl {
  /** For `tailscale up --login-server=…`: always one that a client comes back to; undefined: there is none, and `warning` says why. */
  readonly url: string | undefined
  /** What is wrong, and how to fix it; empty: nothing. */
  readonly warning: string
}

/** The login server for stock clients. `tls`: the HTTPS that we serve ourselves, as it is now; undefined: none, or a proxy's. */
export function joinUrl({ publicUrl, tls }: { readonly publicUrl: string; readonly tls?: (TlsFacts & { readonly port: number }) | undefined }, now: number): JoinUrl {
  const judged = judgeLoginUrl(publicUrl, tls?.port === 443)
  if (!judged.reconnects) return { url: undefined, warning: judged.warning }
  if (!tls) return { url: publicUrl, warning: '' }
  // A client asks for our key over HTTPS first, and there it checks the certificate.
  if (tls.certificateExpires.getTime() <= now) {
    return { url: undefined, warning: `The certificate of ${publicUrl} has expired, and clients refuse it: ${tls.problem || 'put a newer one in its place'}` }
  }
  if (!tls.selfSigned) return { url: publicUrl, warning: '' }
  return tls.source === 'acme'
    ? { url: undefined, warning: `There is no certificate for ${publicUrl} yet, and clients refuse the makeshift one: ${tls.problem || 'it is being asked for'}` }
    : { url: publicUrl, warning: `The certificate of ${publicUrl} is signed by itself: each client’s machine must be told to trust it before it can join` }
}
