/** What a relay forwarded since its client started, and its endpoints now: all that it says without its owner's consent. */
export interface RelayCounters {
  readonly bytes: number
  readonly packets: number
  /** Open or connecting. */
  readonly endpoints: number
}

/** A client has some hundred metrics. */
const maxLines = 20_000

/** Reads a client's metrics (Prometheus text, spec/coordination.md §7.2); undefined: it has never relayed since its start. */
export function readCounters(body: string): RelayCounters | undefined {
  const sums = { bytes: 0, packets: 0, endpoints: 0 }
  let isThere = false
  for (const line of body.split('\n', maxLines)) {
    const [, what, value] = /^udprelay_(forwarded_bytes|forwarded_packets|endpoints)_[0-9a-z_]+ (\d{1,16})$/.exec(line.trim()) ?? []
    if (value === undefined) continue
    isThere = true
    sums[what === 'endpoints' ? 'endpoints' : what === 'forwarded_bytes' ? 'bytes' : 'packets'] += Number(value)
  }
  return isThere ? sums : undefined
}
