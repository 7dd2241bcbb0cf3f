import { expect, test } from 'vitest'
import type { ServerFacts, TlsFacts } from '../context.ts'
import { attentionItems } from './attention.ts'

const now = Date.UTC(2026, 0, 1)
const day = 86_400_000
const derp = { host: 'a', port: 3443, pin: '', certificateExpires: new Date(now + 300 * day), ownCertificate: true, clients: 0, drops: [], closed: [], stunDrops: [] }
const good: TlsFacts = { source: 'acme', names: ['a.example'], certificateExpires: new Date(now + 60 * day), selfSigned: false, problem: '', nextTry: null }

function about(facts: Partial<ServerFacts>) {
  const server: ServerFacts = {
    version: '0.1.0', publicUrl: 'https://a.example', isLoopbackOnly: false, joinUrl: 'https://a.example', joinWarning: '', database: 'embedded', stunPort: 3478, dataFlag: '',
    tls: () => null, derp: () => derp, ...facts,
  }
  return attentionItems({ server, clock: { now: () => now } }, [], []).map(({ id, severity, title, detail }) => ({ id, severity, title, detail }))
}

test('an address that clients come back to, and a certificate that is well, need nobody', () => {
  expect(about({})).toEqual([])
  expect(about({ tls: () => good })).toEqual([])
  // The authority renews it in time, however short its life is.
  expect(about({ tls: () => ({ ...good, certificateExpires: new Date(now + 2 * day) }) })).toEqual([])
})

test('a quota that is used up, with its line', () => {
  const quota = { grantIndex: 3, line: 41, key: 'k', quota: 2 * 1024 ** 4 }
  const server: ServerFacts = { version: '0.1.0', publicUrl: 'https://a.example', isLoopbackOnly: false, joinUrl: 'https://a.example', joinWarning: '', database: 'embedded', stunPort: 3478, dataFlag: '', tls: () => null, derp: () => derp }
  const items = (used: number) => attentionItems({ server, clock: { now: () => now } }, [], [], [{ ...quota, used }])
  expect(items(quota.quota - 1)).toEqual([])
  expect(items(quota.quota + 1)).toMatchObject([{
    title: 'The quota on line 41 is used up', href: '/access?line=41',
    detail: '2 TiB of 2 TiB in January: until the month ends its clients go over other relays or DERP. Raise it, or wait',
  }])
})

test('an address that clients do not come back to', () => {
  expect(about({ joinUrl: null, joinWarning: 'They dial only https' })).toEqual([
    { id: 'join-url', severity: 'warning', title: 'Stock clients do not come back to this address', detail: 'They dial only https' },
  ])
})

test('HTTPS of our own that clients refuse, or must be told to trust', () => {
  expect(about({ joinUrl: null, joinWarning: 'No certificate yet', tls: () => ({ ...good, selfSigned: true, problem: 'no' }) })).toEqual([
    { id: 'join-url', severity: 'critical', title: 'Stock clients cannot join now', detail: 'No certificate yet' },
  ])
  expect(about({ joinWarning: 'Signed by itself', tls: () => ({ ...good, source: 'files', selfSigned: true }) })).toMatchObject([{ severity: 'warning', title: 'Stock clients must be told to trust this server' }])
})

test('a certificate that is not renewed', () => {
  expect(about({ tls: () => ({ ...good, problem: 'The authority says no' }) })).toMatchObject([{ id: 'tls', title: 'The HTTPS certificate is not renewed', detail: 'The authority says no' }])
  expect(about({ tls: () => ({ ...good, source: 'files', certificateExpires: new Date(now + 13 * day) }) })).toMatchObject([{ id: 'tls', title: 'The HTTPS certificate expires soon' }])
})
