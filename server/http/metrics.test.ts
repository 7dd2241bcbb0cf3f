import { createServer, type Server } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import type { Identity } from '../auth/index.ts'
import type { TrpcDeps } from '../trpc/context.ts'
import { createMetricsHandler, isLocal } from './metrics.ts'
import type { MetricsFigures } from './metrics-text.ts'

const figures: MetricsFigures = {
  derp: {
    connections: 3, clients: 2, packets: 10, bytes: 5000, failedHandshakes: 4, dropped: { rate: 1, 'queue-full': 0, 'not-here': 7 },
    closed: { full: 0, 'no-client-info': 0, 'bad-frame': 2, 'bad-client-info': 0, 'not-permitted': 5, 'too-many-with-key': 0, stalled: 0, disconnected: 0 },
  },
  stun: { answered: 9, dropped: { 'not-stun': 6, malformed: 0, 'bad-fingerprint': 0, 'not-a-request': 0, rate: 8, 'send-failed': 0 } },
  channel: {
    connections: 2, nodes: 1, unproven: 1, turnedAway: { full: 0, 'too-many-unproven': 0, 'too-many-unproven-of-address': 3, 'refused-too-often': 0 }, refused: { unauthenticated: 11 },
  },
  coordination: {
    connections: 6, unregistered: 1, requests: 40, unknownPaths: { '/machine/new': 2 },
    refused: { 'no-upgrade': 3, 'bad-handshake': 0, 'bad-type': 0, 'bad-length': 0, 'bad-key': 0, forged: 0, rate: 0, 'too-many-unregistered': 0, full: 0, stopping: 0 },
    closed: {
      client: 5, reset: 0, 'handshake-timeout': 0, 'not-a-record': 0, 'record-too-long': 0, 'record-too-short': 0, 'record-forged': 4, 'nonces-exhausted': 0,
      'h2-error': 0, 'h2-flood': 0, 'h2-resets': 0, 'half-open': 0, idle: 0, drained: 0,
    },
  },
  maps: { streams: 5, blocked: 0, framesMade: 20, framesShared: 7 },
  pageSockets: { open: 1, refused: { 401: 12 } },
  quotas: [{ grantIndex: 0, line: 41, key: '0123456789abcdef', quota: 2048, used: 1024 }],
}

let server: Server | undefined
afterEach(() => server?.close())

async function start(isBehindProxy: boolean, scopes: Readonly<Record<string, string[]>> = {}): Promise<string> {
  const actorFromHeaders = async (headers: Headers): Promise<Identity | undefined> => {
    const known = scopes[headers.get('authorization') ?? '']
    return known && { kind: 'token', id: 't', name: 'monitor', role: 'admin', scopes: known, ip: null }
  }
  // A stand-in that has what the handler reaches.
  const handler = createMetricsHandler({ trpc: { auth: { actorFromHeaders } } as unknown as TrpcDeps, isBehindProxy, figures: () => figures })
  const open = createServer((request, response) => void handler(request, response))
  server = open
  await new Promise<void>((resolve) => { open.listen(0, '127.0.0.1', resolve) })
  const address = open.address()
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/metrics`
}

test('every reason is a counter that a program of this machine reads', async () => {
  const answer = await fetch(await start(false))
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
  const lines = (await answer.text()).split('\n')
  expect(lines).toEqual(expect.arrayContaining([
    'towpath_derp_dropped_total{reason="not-here"} 7', 'towpath_derp_closed_total{reason="not-permitted"} 5', 'towpath_derp_failed_handshakes_total 4',
    'towpath_stun_dropped_total{reason="rate"} 8', 'towpath_channel_turned_away_total{reason="too-many-unproven-of-address"} 3',
    'towpath_channel_refused_total{reason="unauthenticated"} 11', 'towpath_page_sockets_refused_total{status="401"} 12',
    'towpath_quota_bytes{grant="0123456789abcdef",line="41"} 2048', 'towpath_quota_used_bytes{grant="0123456789abcdef",line="41"} 1024',
    'towpath_coordination_refused_total{reason="no-upgrade"} 3', 'towpath_coordination_closed_total{reason="record-forged"} 4',
    'towpath_coordination_unknown_paths_total{path="/machine/new"} 2', 'towpath_map_streams 5', 'towpath_map_messages_shared_total 7',
  ]))
})

test('whoever comes through a proxy needs a token with settings:read', async () => {
  const url = await start(true, { 'Bearer good': ['settings:read'], 'Bearer other': ['relays:read'] })
  const status = async (headers: Record<string, string>) => (await fetch(url, { headers })).status
  expect([await status({}), await status({ authorization: 'Bearer other' }), await status({ authorization: 'Bearer good' })]).toEqual([401, 403, 200])
})

test('a request is of this machine by its peer, its name and no proxy', () => {
  const local = (remoteAddress: string, headers: Record<string, string>) => isLocal({ headers, socket: { remoteAddress } })
  expect([local('127.0.0.1', { host: 'localhost:3000' }), local('::ffff:127.0.0.1', { host: '127.0.0.1:3000' }), local('::1', { host: '[::1]:3000' })]).toEqual([true, true, true])
  expect([
    local('192.0.2.1', { host: 'localhost' }), local('127.0.0.1', { host: 'evil.example:3000' }), local('127.0.0.1', { host: 'localhost', 'x-forwarded-for': '192.0.2.1' }), local('127.0.0.1', {}),
  ]).toEqual([false, false, false, false])
})
