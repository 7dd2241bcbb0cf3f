import type { z } from 'zod'
import { formatAddrPort, parseAddrPort } from '../../../lib/addr-port.ts'
import type { DnsRecord, DnsRoute, NetworkNames } from '../../../netmap/index.ts'
import { parseAddress, formatAddress } from '../../../policy/index.ts'
import { TowpathError } from '../../errors/index.ts'
import type { saveDnsSchema } from './shape.ts'

const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?$/
/** A name is 253 long at most, and a machine's own label 63 and a dot of it. */
const maxDomain = 189
const maxName = 253
/** Other means answer names that end so. */
const taken: ReadonlyMap<string, string> = new Map([
  ['local', 'is for multicast DNS'], ['localhost', 'is each machine itself'], ['arpa', 'is for the DNS’s own use'], ['onion', 'is no name of the DNS'], ['invalid', 'is a name that never exists'],
])
/** The client's own resolver: it would ask itself. */
const magicAddresses: ReadonlySet<string> = new Set(['100.100.100.100', 'fd7a:115c:a1e0::53'])
const unusable = /^(?:0\.0\.0\.0$|::$|22[4-9]\.|23\d\.|ff[0-9a-f]{2}:|255\.255\.255\.255$)/

function refuse(path: string, text: string, fix: string): never {
  throw new TowpathError({ code: 'invalid', text, fix, path })
}

/** In lower case, without a dot at its end. */
function nameOf(typed: string, path: string, { max = maxName, labels = 1 } = {}): string {
  const name = typed.toLowerCase().replace(/\.$/, '')
  const parts = name.split('.')
  const why = name === '' ? 'is empty' : name.length > max ? `is longer than ${max} characters`
    : !parts.every((part) => label.test(part)) ? 'is no name of the DNS: letters, digits and hyphens between dots'
      : parseAddress(name) !== undefined ? 'is an address' : parts.length < labels ? 'has one part only' : undefined
  if (why !== undefined) refuse(path, `"${typed}" ${why}`, labels > 1 ? 'Write it as net.example.com' : 'Write it as corp.example.com')
  return name
}

function domainOf(typed: string): string {
  const domain = nameOf(typed, 'domain', { max: maxDomain, labels: 2 })
  const top = domain.slice(domain.lastIndexOf('.') + 1)
  const why = taken.get(top) ?? (/^\d+$/.test(top) ? 'reads as an address' : domain.includes('_') ? 'has an underscore' : undefined)
  if (why !== undefined) refuse('domain', `"${domain}" cannot be the network’s domain: ${taken.has(top) ? `.${top} ${why}` : `it ${why}`}`, 'Take a name of your own, such as net.example.com, or one below .internal')
  return domain
}

function resolverOf(typed: string, path: string): string {
  const fix = 'Write it as 9.9.9.9, 192.0.2.53:5353 or https://dns.example/dns-query'
  if (/^https:/i.test(typed)) {
    if (!URL.canParse(typed)) refuse(path, `"${typed}" is no address of a resolver`, fix)
    const { hostname, username, hash, href } = new URL(typed)
    if (hostname === '' || username !== '' || hash !== '') refuse(path, `"${typed}" is no address of a resolver`, fix)
    return href
  }
  const bare = parseAddress(typed)
  const withPort = bare === undefined ? parseAddrPort(typed) : undefined
  const ip = bare !== undefined ? formatAddress(bare) : withPort?.ok ? withPort.value.ip : undefined
  if (ip === undefined || (withPort?.ok && withPort.value.port === 0)) refuse(path, `"${typed}" is no address of a resolver`, fix)
  if (magicAddresses.has(ip)) refuse(path, `${ip} is MagicDNS itself`, 'Give the resolver that names outside the network are asked of')
  if (unusable.test(ip)) refuse(path, `"${typed}" is an address that nobody can send to`, fix)
  return withPort?.ok ? formatAddrPort(withPort.value) : ip
}

function eachOnce(texts: readonly string[], read: (text: string, at: number) => string): string[] {
  return [...new Set(texts.map(read))]
}

/** What was written, canonical. Throws `invalid` with the place of what is wrong. */
export function checkedNames(input: z.infer<typeof saveDnsSchema>): NetworkNames {
  const domain = domainOf(input.domain)
  const { magicDns } = input
  const routes = input.routes.map(({ suffix: typed, resolvers }, at): DnsRoute => {
    const suffix = nameOf(typed, `routes.${at}.suffix`)
    if (magicDns && suffix === domain) refuse(`routes.${at}.suffix`, `${domain} is the network’s own domain`, 'Machines answer it themselves: route another suffix, or turn MagicDNS off')
    if (input.routes.some((other, earlier) => earlier < at && other.suffix.toLowerCase().replace(/\.$/, '') === suffix)) refuse(`routes.${at}.suffix`, `${suffix} is there twice`, 'Put its resolvers into one entry')
    return { suffix, resolvers: eachOnce(resolvers, (text, i) => resolverOf(text, `routes.${at}.resolvers.${i}`)) }
  })
  const records = input.records.map(({ name, value }, at): DnsRecord => {
    const address = parseAddress(value)
    if (address === undefined) refuse(`records.${at}.value`, `"${value}" is no address`, 'A record gives an IPv4 or IPv6 address, such as 10.0.0.9')
    return { name: nameOf(name, `records.${at}.name`, { labels: 2 }), type: address.family === 4 ? 'A' : 'AAAA', value: formatAddress(address) }
  })
  return {
    domain,
    dns: {
      magicDns, routes,
      searchDomains: eachOnce(input.searchDomains, (text, at) => nameOf(text, `searchDomains.${at}`)),
      resolvers: eachOnce(input.resolvers, (text, at) => resolverOf(text, `resolvers.${at}`)),
      records: records.filter((record, at) => !records.some((other, earlier) => earlier < at && other.name === record.name && other.value === record.value)),
    },
  }
}
