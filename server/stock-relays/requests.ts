import { z } from 'zod'
import type { C2nAnswer, C2nRequest, Questions } from '../services/questions.ts'
import type { ClientPrefs } from '../services/relay/client-wanted.ts'
import { readJson } from './json-answer.ts'
import { readCounters, type RelayCounters } from './metrics-answer.ts'
import { readPrefs } from './prefs-answer.ts'
import { readSessions, type StockSessions } from './sessions-answer.ts'

/** A client refused, or said what cannot be read. The text is for people. */
export class ClientRefused extends Error {}

const local = '/remoteapi/localapi/v0'
const timeoutMs = 10_000
const maxText = 200
const errorSchema = z.object({ Error: z.string() })

/**
 * All that is ever asked of a stock client for its relay's sake (spec/coordination.md §7.2, §7.3): what it is set to, counts and
 * was told needs no consent; its sessions, and setting it, do.
 */
export interface RelayRequests {
  prefs(): Promise<ClientPrefs>
  /** Undefined: it has not relayed since its start. */
  counters(): Promise<RelayCounters | undefined>
  /** Whether it was told this attribute. */
  hasAttribute(name: string): Promise<boolean>
  sessions(): Promise<StockSessions>
  /** Null: off. Another port ends the sessions that run. */
  setPort(port: number | null): Promise<ClientPrefs>
  setStaticEndpoints(endpoints: readonly string[]): Promise<ClientPrefs>
}

/** Its failures: TowpathError where the client does not answer, else ClientRefused. */
export function relayRequests(questions: Pick<Questions, 'c2n'>, nodeId: number): RelayRequests {
  async function ask<T>(request: C2nRequest, read: (body: string) => T | undefined): Promise<T> {
    const answer = await questions.c2n(nodeId, { ...request, timeoutMs })
    if (answer.status !== 200) throw new ClientRefused(refusal(answer))
    const value = read(answer.body)
    if (value === undefined) throw new ClientRefused('Its client says what cannot be read here')
    return value
  }
  const patch = (prefs: object): Promise<ClientPrefs> => ask({ method: 'PATCH', path: `${local}/prefs`, body: JSON.stringify(prefs) }, readPrefs)

  return {
    prefs: () => ask({ method: 'GET', path: '/debug/prefs' }, readPrefs),
    counters: async () => (await ask({ method: 'GET', path: '/debug/metrics' }, (body) => ({ counters: readCounters(body) }))).counters,
    // Of its map nothing but itself: of a large network the rest would be megabytes.
    hasAttribute: (name) => ask(
      { method: 'POST', path: '/debug/netmap', body: JSON.stringify({ omitFields: ['Peers', 'DERPMap', 'PacketFilter', 'PacketFilterRules', 'UserProfiles', 'DNS', 'SSHPolicy'] }) },
      (body) => readAttributes(body)?.has(name),
    ),
    sessions: () => ask({ method: 'GET', path: `${local}/debug-peer-relay-sessions` }, readSessions),
    setPort: (port) => patch({ RelayServerPort: port, RelayServerPortSet: true }),
    setStaticEndpoints: (endpoints) => patch({ RelayServerStaticEndpoints: endpoints, RelayServerStaticEndpointsSet: true }),
  }
}

const mapSchema = z.object({ current: z.object({ SelfNode: z.object({ CapMap: z.record(z.string(), z.unknown()).nullish() }) }) })

/** Names of the attributes in the client's own map. */
function readAttributes(body: string): ReadonlySet<string> | undefined {
  const map = readJson(mapSchema, body)
  return map && new Set(Object.keys(map.current.SelfNode.CapMap ?? {}))
}

function refusal({ status, body }: C2nAnswer): string {
  // A plain text, else.
  const text = readJson(errorSchema, body)?.Error || body.trim()
  return `Its client refuses (${status})${text === '' ? '' : `: ${text.replaceAll(/\s+/g, ' ').slice(0, maxText)}`}`
}
