import { z } from 'zod'

/** How packets get from one client to another. */
export type Via = 'direct' | 'peer-relay' | 'derp'

export interface Pong {
  readonly via: Via
  /** The line as the client printed it. */
  readonly text: string
  readonly ms: number
  /** Of a direct path or a relay: `ADDRESS:PORT`. */
  readonly endpoint?: string
  readonly vni?: number
  /** The region's code. */
  readonly derp?: string
}

const pongLine = /^pong from (\S+) \((\S+)\) via (\S+) in ([\d.]+)(µs|ms|s)$/
const milliseconds: Readonly<Record<string, number>> = { µs: 0.001, ms: 1, s: 1000 }

/** Reads a line of `tailscale ping`; undefined: it is no pong. */
export function readPong(line: string): Pong | undefined {
  const text = line.trim()
  const [, , , via = '', number, unit = ''] = pongLine.exec(text) ?? []
  if (via === '') return undefined
  const ms = Number(number) * (milliseconds[unit] ?? 1)
  const derp = /^DERP\((.*)\)$/.exec(via)?.[1]
  if (derp !== undefined) return { via: 'derp', text, ms, derp }
  const [, endpoint, vni] = /^peer-relay\((.+):vni:(\d+)\)$/.exec(via) ?? []
  if (endpoint !== undefined) return { via: 'peer-relay', text, ms, endpoint, vni: Number(vni) }
  return { via: 'direct', text, ms, endpoint: via }
}

const pingResultSchema = z.object({
  NodeName: z.string().optional(), NodeIP: z.string().optional(), Err: z.string().optional(), LatencySeconds: z.number().optional(),
  Endpoint: z.string().optional(), PeerRelay: z.string().optional(), DERPRegionCode: z.string().optional(),
})

/** Reads what the daemon itself answers to a ping, as the line that its command line makes of it. Throws with its reason when nothing came back. */
export function readPingResult(text: string): Pong {
  const { NodeName, NodeIP, Err, LatencySeconds = 0, Endpoint, PeerRelay, DERPRegionCode } = pingResultSchema.parse(JSON.parse(text))
  if (Err) throw new Error(Err)
  const via = PeerRelay ? `peer-relay(${PeerRelay})` : Endpoint || `DERP(${DERPRegionCode ?? ''})`
  const ms = LatencySeconds * 1000
  const pong = readPong(`pong from ${NodeName} (${NodeIP}) via ${via} in ${ms.toFixed(1)}ms`)
  if (!pong) throw new Error(`no pong: ${text}`)
  return pong
}
