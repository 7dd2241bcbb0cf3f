import type { EndStats, ProbePair } from '../../agent/probe/index.ts'

/** One direction's end at one second, as the table and the JSON lines show it. */
export interface EndRow {
  readonly name: string
  readonly state: EndStats['state']
  readonly path: 'direct' | 'relay' | 'derp'
  /** Of the relay that it sends by; null on other paths, or when only the other end knows its name. */
  readonly relay: string | null
  readonly vni: number | null
  /** `ip:port` that it sends to; null on DERP. */
  readonly address: string | null
  /** By path pings, and by times echoed in the traffic; ms, null while unknown. */
  readonly rttMs: number | null
  readonly echoMs: number | null
  /** Bits of WireGuard packets in the last second. */
  readonly bitsOut: number
  readonly bitsIn: number
  readonly sent: number
  readonly received: number
  /** Packets to this end that were lost since the start. */
  readonly lost: number
}

export type PairRow = readonly [EndRow, EndRow]

export interface Sampler {
  /** Rates cover the time since the last call. */
  rows(now: number): PairRow[]
}

export function createSampler(pairs: readonly ProbePair[]): Sampler {
  /** End → bytes at the last call. Bounded: two per pair. */
  const before = new Map<string, { at: number; out: number; in: number }>()

  function row(key: string, end: EndStats, other: EndStats, now: number): EndRow {
    const last = before.get(key)
    const { bytesSent, bytesReceived, sent, received, rttMs } = end.traffic
    before.set(key, { at: now, out: bytesSent, in: bytesReceived })
    const rate = (bytes: number, old: number | undefined): number =>
      last === undefined || old === undefined || now <= last.at ? 0 : Math.round(((bytes - old) * 8000) / (now - last.at))
    const { path } = end
    // Which relay an endpoint is of, only the end that asked for it is told.
    const relay = path.relay && (path.relay.name ?? other.path.relay?.name)
    return {
      name: end.name,
      state: end.state,
      path: path.kind,
      relay: relay ?? null,
      vni: path.relay?.vni ?? null,
      address: path.address ? `${path.address.ip.includes(':') ? `[${path.address.ip}]` : path.address.ip}:${path.address.port}` : null,
      rttMs: rounded(path.rttMs),
      echoMs: rounded(rttMs),
      bitsOut: rate(bytesSent, last?.out),
      bitsIn: rate(bytesReceived, last?.in),
      sent,
      received,
      lost: end.lost,
    }
  }

  return {
    rows: (now) => pairs.map((pair, index) => {
      const [a, b] = pair.stats()
      return [row(`${index}a`, a, b, now), row(`${index}b`, b, a, now)]
    }),
  }
}

function rounded(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms * 100) / 100
}
