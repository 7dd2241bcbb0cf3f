import { expect, test } from 'vitest'
import { dnsConfigSchema } from '../protocol/tailcfg/index.ts'
import { defaultNames, dnsConfigFor, type DnsSettings, type NetworkNames } from './names.ts'

function names(dns: Partial<DnsSettings>, domain = 'net.example'): NetworkNames {
  return { domain, dns: { ...defaultNames.dns, ...dns } }
}

test('nothing set: machines find each other by name', () => {
  expect(dnsConfigFor(defaultNames)).toEqual({ Proxied: true, Domains: ['towpath.internal'] })
})

test('MagicDNS off leaves the network’s own suffix out; nothing at all clears what a client had', () => {
  expect(dnsConfigFor(names({ magicDns: false, searchDomains: ['corp.example'] }))).toEqual({ Domains: ['corp.example'] })
  expect(dnsConfigFor(names({ magicDns: false }))).toEqual({})
})

test('all of it, the network’s own suffix first and once', () => {
  const config = dnsConfigFor(names({
    searchDomains: ['corp.example', 'net.example'], resolvers: ['1.1.1.1', '[2001:db8::53]:5353', 'https://dns.example/dns-query'],
    routes: [{ suffix: 'corp.example', resolvers: ['10.0.0.53'] }],
    records: [{ name: 'printer.net.example', type: 'A', value: '10.0.0.9' }, { name: 'nas.example.org', type: 'AAAA', value: '2001:db8::9' }],
  }))
  expect(dnsConfigSchema.parse(config)).toEqual(config)
  expect(config).toEqual({
    Proxied: true, Domains: ['net.example', 'corp.example'],
    Resolvers: [{ Addr: '1.1.1.1' }, { Addr: '[2001:db8::53]:5353' }, { Addr: 'https://dns.example/dns-query' }],
    Routes: { 'corp.example': [{ Addr: '10.0.0.53' }] },
    ExtraRecords: [{ Name: 'printer.net.example', Type: 'A', Value: '10.0.0.9' }, { Name: 'nas.example.org', Type: 'AAAA', Value: '2001:db8::9' }],
  })
})

test('a record that no route leads to gets one, where the machine’s own resolver would be asked', () => {
  const records = ['nas.net.example', 'wiki.corp.example', 'nas.example.org', 'xnet.example'].map((name) => ({ name, type: 'A' as const, value: '10.0.0.9' }))
  const routes = [{ suffix: 'corp.example', resolvers: ['10.0.0.53'] }]
  expect(dnsConfigFor(names({ records, routes })).Routes).toEqual({ 'corp.example': [{ Addr: '10.0.0.53' }], 'nas.example.org': [], 'xnet.example': [] })
  expect(Object.keys(dnsConfigFor(names({ records, magicDns: false })).Routes ?? {})).toEqual(['nas.net.example', 'wiki.corp.example', 'nas.example.org', 'xnet.example'])
})
