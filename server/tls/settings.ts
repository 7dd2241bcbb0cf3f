import path from 'node:path'
import { isIP } from 'node:net'
import { StartError } from '../errors/index.ts'
import { portSetting, settingFault, type SettingName, type Variables } from '../setting-name.ts'
import type { PairFiles } from './pair.ts'

export const tlsSettingNames = {
  tlsCert: { flag: 'tls-cert', variable: 'TOWPATH_TLS_CERT', value: 'FILE', help: 'serve HTTPS with this certificate, with its chain; read again when it changes' },
  tlsKey: { flag: 'tls-key', variable: 'TOWPATH_TLS_KEY', value: 'FILE', help: 'its key' },
  acme: { flag: 'acme', variable: 'TOWPATH_ACME', value: 'NAME', help: 'serve HTTPS under this name, with a certificate from Let’s Encrypt that is renewed by itself' },
  acmeEmail: { flag: 'acme-email', variable: 'TOWPATH_ACME_EMAIL', value: 'ADDRESS', help: 'where the authority writes to when something is wrong' },
  acmeDirectory: { flag: 'acme-directory', variable: 'TOWPATH_ACME_DIRECTORY', value: 'URL', help: 'another ACME authority' },
  acmeCa: { flag: 'acme-ca', variable: 'TOWPATH_ACME_CA', value: 'FILE', help: 'what that authority’s own HTTPS is verified by, for one of your own' },
  tlsPort: { flag: 'tls-port', variable: 'TOWPATH_TLS_PORT', value: 'PORT', help: 'HTTPS, TCP (default 443)' },
  httpPort: { flag: 'http-port', variable: 'TOWPATH_HTTP_PORT', value: 'PORT', help: 'beside HTTPS: clients’ first try, ACME, and redirects, TCP (default 80)' },
} as const satisfies Readonly<Record<string, SettingName>>

export interface AcmeSettings {
  /** The DNS name to have a certificate for. */
  readonly name: string
  readonly email: string | undefined
  readonly directory: string
  /** A PEM file of authorities. */
  readonly ca: string | undefined
}

/** HTTPS of our own. */
export interface TlsSettings {
  readonly port: number
  /** Beside it, without TLS. */
  readonly httpPort: number
  /** The address that both listen on; undefined: all. */
  readonly bind: string | undefined
  readonly source: { readonly kind: 'files'; readonly files: PairFiles } | { readonly kind: 'acme'; readonly acme: AcmeSettings }
}

export const letsEncrypt = 'https://acme-v02.api.letsencrypt.org/directory'

function acmeOf(from: Variables, text: string): AcmeSettings {
  const name = text.toLowerCase().replace(/\.$/, '')
  // One label is no public name; authorities give certificates only for those.
  if (isIP(name) !== 0 || !/^(?!-)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+$/.test(name)) throw settingFault(tlsSettingNames.acme, 'a DNS name such as relay.example.com', text)
  const email = from[tlsSettingNames.acmeEmail.variable] || undefined
  if (email !== undefined && !/^[^\s@]+@[^\s@]+$/.test(email)) throw settingFault(tlsSettingNames.acmeEmail, 'an e-mail address', email)
  const directory = from[tlsSettingNames.acmeDirectory.variable] || letsEncrypt
  if (!URL.canParse(directory) || new URL(directory).protocol !== 'https:') throw settingFault(tlsSettingNames.acmeDirectory, 'an https address', directory)
  const ca = from[tlsSettingNames.acmeCa.variable]
  return { name, email, directory, ca: ca ? path.resolve(ca) : undefined }
}

function sourceOf(from: Variables): TlsSettings['source'] | undefined {
  const [cert, key, acme] = [from[tlsSettingNames.tlsCert.variable], from[tlsSettingNames.tlsKey.variable], from[tlsSettingNames.acme.variable]]
  if (Boolean(cert) !== Boolean(key)) throw new StartError('--tls-cert and --tls-key go together: give both, or neither')
  if (cert && key) {
    if (acme) throw new StartError('--acme and --tls-cert are two ways to one certificate: give one of them')
    return { kind: 'files', files: { cert: path.resolve(cert), key: path.resolve(key) } }
  }
  return acme ? { kind: 'acme', acme: acmeOf(from, acme) } : undefined
}

/** Undefined: no TLS of our own. `bind`: what was given for all. Throws StartError. */
export function tlsSettings(from: Variables, bind: string | undefined): TlsSettings | undefined {
  const source = sourceOf(from)
  if (!source) {
    const useless = Object.values(tlsSettingNames).find(({ variable }) => from[variable])
    if (useless) throw new StartError(`--${useless.flag} is for HTTPS: give --acme, or --tls-cert and --tls-key, too`)
    return undefined
  }
  return { port: portSetting(from, tlsSettingNames.tlsPort, 443), httpPort: portSetting(from, tlsSettingNames.httpPort, 80), bind, source }
}
