import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import path from 'node:path'
import { StartError } from './errors/index.ts'
import { portSetting as port, settingFault as fault, type SettingName, type Variables } from './setting-name.ts'
import { firstHost, readPairFiles, type PairFiles } from './tls/pair.ts'
import { tlsSettingNames, tlsSettings, type TlsSettings } from './tls/settings.ts'

export type { SettingName, Variables } from './setting-name.ts'

/** What the control plane is told at its start. */
export interface Env {
  /** TCP: dashboard, API and the agents' channel. */
  readonly port: number
  /** The address to listen on; undefined: all, both families. With TLS of our own it is this machine's alone, unless told otherwise. */
  readonly bind: string | undefined
  /** HTTPS of our own; undefined: none, or a proxy's. */
  readonly tls: TlsSettings | undefined
  /** How browsers and agents elsewhere reach the dashboard, without a path or a slash at the end. */
  readonly publicUrl: string
  /** True: only this machine reaches `publicUrl`. */
  readonly isLoopbackOnly: boolean
  readonly derpPort: number
  readonly stunPort: number
  /** The host name or address under which DERP and STUN are reached. */
  readonly publicAddress: string
  /** The operator's own certificate for DERP. */
  readonly derpFiles: { readonly cert: string; readonly key: string } | undefined
  /** Addresses and ranges of reverse proxies, still as text. */
  readonly trustedProxies: readonly string[]
  /** Keys, certificates, and the database where it is the embedded one. */
  readonly data: string
  readonly databaseUrl: string
  /** Whether `npm start` brought the database, or the operator did. */
  readonly database: 'embedded' | 'external'
}

/** The supervisor's word that the database is the one that it brought. */
export const embeddedVariable = 'TOWPATH_EMBEDDED_DATABASE'

export const settingNames = {
  port: { flag: 'port', variable: 'TOWPATH_PORT', value: 'PORT', help: 'dashboard, API and the agents’ channel, TCP (default 3000)' },
  bind: { flag: 'bind', variable: 'TOWPATH_BIND', value: 'ADDRESS', help: 'the address that these listen on (default: all)' },
  publicUrl: { flag: 'public-url', variable: 'TOWPATH_PUBLIC_URL', value: 'URL', help: 'how browsers and agents elsewhere reach the dashboard' },
  derpPort: { flag: 'derp-port', variable: 'TOWPATH_DERP_PORT', value: 'PORT', help: 'DERP over TLS, TCP (default 3443)' },
  stunPort: { flag: 'stun-port', variable: 'TOWPATH_STUN_PORT', value: 'PORT', help: 'STUN, UDP (default 3478)' },
  publicAddress: {
    flag: 'public-address', variable: 'TOWPATH_PUBLIC_ADDRESS', value: 'HOST', help: 'how agents elsewhere reach DERP and STUN (default: the host of the public URL)',
  },
  derpCert: { flag: 'derp-cert', variable: 'TOWPATH_DERP_CERT', value: 'FILE', help: 'a certificate of your own for DERP (default: one is made)' },
  derpKey: { flag: 'derp-key', variable: 'TOWPATH_DERP_KEY', value: 'FILE', help: 'its key' },
  ...tlsSettingNames,
  trustProxy: { flag: 'trust-proxy', variable: 'TOWPATH_TRUST_PROXY', value: 'ADDRESSES', help: 'reverse proxies whose X-Forwarded-For counts, with commas between' },
  data: { flag: 'data', variable: 'TOWPATH_DATA', value: 'DIR', help: 'where all state lives (default: data, in this folder)' },
} as const satisfies Readonly<Record<string, SettingName>>

const isLoopback = (host: string): boolean => /^(localhost|.*\.localhost|127(\.\d+){3}|\[?::1\]?)$/i.test(host)

const inUrl = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host)

/** The first address of this machine that others can reach it by; undefined: it has none. */
function ownAddress(): string | undefined {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address
}

/** The name that a certificate in a file is for. Throws StartError. */
function nameInFiles(files: PairFiles): string {
  const read = readPairFiles(files, Date.now())
  if (!read.ok) throw new StartError(read.text)
  const host = firstHost(read.value.facts)
  if (host === undefined) throw new StartError(`The certificate ${files.cert} names no host to be reached by: give --public-url`)
  return host
}

/** What the address is when none was given. */
function ownUrl({ port, bind, tls }: Pick<Env, 'port' | 'bind' | 'tls'>, own: string | undefined): string {
  if (!tls) return `http://${inUrl(bind ?? own ?? 'localhost')}:${port}`
  const host = tls.source.kind === 'acme' ? tls.source.acme.name : nameInFiles(tls.source.files)
  return new URL(`https://${inUrl(host)}:${tls.port}`).origin
}

function publicUrlOf(from: Variables, listening: Pick<Env, 'port' | 'bind' | 'tls'>, own: string | undefined): string {
  const name = settingNames.publicUrl
  const text = from[name.variable]
  if (!text) return ownUrl(listening, own)
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol)) throw fault(name, 'an address such as http://relay.example.com:3000', text)
  if (url.pathname !== '/' || url.search || url.hash || url.username) throw fault(name, 'an address without a path', text)
  const { tls } = listening
  if (tls && url.protocol !== 'https:') throw fault(name, 'an https address where TLS is served', text)
  if (tls?.source.kind === 'acme' && url.hostname !== tls.source.acme.name) throw fault(name, `an address under the name ${tls.source.acme.name} of --acme`, text)
  return url.origin
}

function bindOf(from: Variables): string | undefined {
  const name = settingNames.bind
  const text = from[name.variable]
  if (!text || text === '::' || text === '*') return undefined
  if (isIP(text) === 0) throw fault(name, 'an IP address of this machine', text)
  return text
}

function publicAddressOf(from: Variables, publicUrl: string): string {
  const name = settingNames.publicAddress
  const text = from[name.variable]
  if (!text) return new URL(publicUrl).hostname.replace(/^\[|\]$/g, '')
  if (isIP(text) === 0 && !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(text)) throw fault(name, 'a host name or an IP address', text)
  return text
}

function derpFilesOf(from: Variables): Env['derpFiles'] {
  const [cert, key] = [from[settingNames.derpCert.variable], from[settingNames.derpKey.variable]]
  if (!cert && !key) return undefined
  if (!cert || !key) throw new StartError('--derp-cert and --derp-key go together: give both, or neither')
  return { cert: path.resolve(cert), key: path.resolve(key) }
}

/** Only addresses and ranges of them: a name may be another's tomorrow. */
function isProxy(text: string): boolean {
  const [address = '', length, ...rest] = text.split('/')
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  return bits > 0 && rest.length === 0 && (length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= bits))
}

function trustedProxiesOf(from: Variables): readonly string[] {
  const name = settingNames.trustProxy
  const texts = (from[name.variable] ?? '').split(',').map((text) => text.trim()).filter((text) => text !== '')
  const wrong = texts.find((text) => !isProxy(text))
  if (wrong !== undefined) throw fault(name, 'IP addresses or ranges such as 10.0.0.0/8, with commas between', wrong)
  return texts
}

/** The parts that do not need a database: what the supervisor checks before it starts anything. Throws StartError. */
export function readSettings(from: Variables, own: () => string | undefined = ownAddress): Omit<Env, 'databaseUrl' | 'database'> {
  const given = bindOf(from)
  const tls = tlsSettings(from, given)
  const dashboard = port(from, settingNames.port, 3000)
  const derpPort = port(from, settingNames.derpPort, 3443)
  const ports = [['port', dashboard], ['derp-port', derpPort], ...(tls ? [['tls-port', tls.port], ['http-port', tls.httpPort]] as const : [])] as const
  for (const [at, [flag, number]] of ports.entries()) {
    const other = ports.slice(0, at).find(([, before]) => before === number)
    if (other) throw new StartError(`--${flag} and --${other[0]} are both ${number}: give one of them another port`)
  }
  // Whoever has HTTPS does not want passwords to be sent to the other port.
  const bind = tls && !from[settingNames.bind.variable] ? '127.0.0.1' : given
  // A socket on one machine-wide address alone is still reached by it.
  const publicUrl = publicUrlOf(from, { port: dashboard, bind: bind === '0.0.0.0' ? undefined : bind, tls }, own())
  return {
    port: dashboard,
    bind,
    tls,
    publicUrl,
    isLoopbackOnly: isLoopback(new URL(publicUrl).hostname),
    derpPort,
    stunPort: port(from, settingNames.stunPort, 3478),
    publicAddress: publicAddressOf(from, publicUrl),
    derpFiles: derpFilesOf(from),
    trustedProxies: trustedProxiesOf(from),
    data: path.resolve(from[settingNames.data.variable] || 'data'),
  }
}

/**
 * What commands that run in the checkout `root` need to find `data`, to be pasted into a shell: empty where it is the
 * folder that they take without being told.
 */
export function dataFlag(data: string, root: string): string {
  if (data === path.resolve(root, 'data')) return ''
  const word = /^[\w@%+=:,./-]+$/.test(data) ? data : `'${data.replaceAll("'", String.raw`'\''`)}'`
  return `--${settingNames.data.flag} ${word}`
}

/** A database's URL. Throws StartError; the message holds no password. */
export function readDatabaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new StartError('DATABASE_URL must be an address such as postgresql://user:password@host:5432/towpath')
  }
  return text
}

/** All of it. Throws StartError with one line for the operator. */
export function readEnv(from: Variables): Env {
  if (!from.DATABASE_URL) throw new StartError('DATABASE_URL is not set: start with npm start, which also brings a database')
  const database = from[embeddedVariable] ? 'embedded' : 'external'
  return { ...readSettings(from), databaseUrl: readDatabaseUrl(from.DATABASE_URL), database }
}
