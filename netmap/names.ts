import type { DnsConfig } from '../protocol/tailcfg/index.ts'

/** Where names below a suffix are asked for. `resolvers` is never empty. */
export type DnsRoute = { readonly suffix: string; readonly resolvers: readonly string[] }
/** A name of one's own. `value` is an address of that type. */
export type DnsRecord = { readonly name: string; readonly type: 'A' | 'AAAA'; readonly value: string }

/** Names are in lower case without a dot at the end; resolvers are an IP, `IP:port` or an `https://` address. */
export type DnsSettings = {
  /** Machines find each other by name. */
  readonly magicDns: boolean
  /** Tried behind a name without a dot, after the network's own. */
  readonly searchDomains: readonly string[]
  /** For every name that nothing else answers; empty: each machine's own. */
  readonly resolvers: readonly string[]
  readonly routes: readonly DnsRoute[]
  readonly records: readonly DnsRecord[]
}

/** What the machines of a network are called: `<name>.<domain>`. One object for all views. */
export type NetworkNames = { readonly domain: string; readonly dns: DnsSettings }

/** `internal` is for names that the public DNS does not have. */
export const defaultNames: NetworkNames = {
  domain: 'towpath.internal',
  dns: { magicDns: true, searchDomains: [], resolvers: [], routes: [], records: [] },
}

/** As stock clients are told of it: the whole of it, each time (spec/coordination.md §6.1). */
export function dnsConfigFor({ domain, dns }: NetworkNames): DnsConfig {
  const searchDomains = [...new Set([...(dns.magicDns ? [domain] : []), ...dns.searchDomains])]
  const routes: Record<string, { Addr: string }[]> = Object.fromEntries(dns.routes.map(({ suffix, resolvers }) => [suffix, resolvers.map(addr)]))
  // Without a resolver for all names a client asks its own for what no route names, and never finds a record there: each gets a
  // route that the client itself answers.
  if (dns.resolvers.length === 0) {
    const answered = [...(dns.magicDns ? [domain] : []), ...Object.keys(routes)]
    for (const { name } of dns.records) if (!answered.some((suffix) => isBelow(name, suffix))) routes[name] = []
  }
  return {
    ...(dns.magicDns && { Proxied: true }),
    ...(searchDomains.length > 0 && { Domains: searchDomains }),
    ...(dns.resolvers.length > 0 && { Resolvers: dns.resolvers.map(addr) }),
    ...(Object.keys(routes).length > 0 && { Routes: routes }),
    ...(dns.records.length > 0 && { ExtraRecords: dns.records.map(({ name, type, value }) => ({ Name: name, Type: type, Value: value })) }),
  }
}

/** Whether a name is a suffix or below it. */
export function isBelow(name: string, suffix: string): boolean {
  return name === suffix || name.endsWith(`.${suffix}`)
}

function addr(text: string): { Addr: string } {
  return { Addr: text }
}
