import { z } from 'zod'

const count = z.number().int().nonnegative()

/** Traffic of one session since the last report, by direction (from client A, from client B; A has the lower disco key). */
export const sessionDeltaSchema = z.object({
  /** Stable for the session's life, also over an agent's restart: `<lamportId>-<vni>`. */
  key: z.string().max(64),
  vni: z.number().int().min(1).max(0xffffff),
  a: z.number().int(),
  b: z.number().int(),
  /** Milliseconds since the epoch at which both legs were first bound. */
  openedAt: z.number(),
  bytesFromA: count,
  bytesFromB: count,
  packetsFromA: count,
  packetsFromB: count,
  /** Packets larger than the MTU of the way to the other client: they went on in fragments. Absent: none, or an agent that does not tell. */
  tooBigFromA: count.optional(),
  tooBigFromB: count.optional(),
})
export type SessionDelta = z.infer<typeof sessionDeltaSchema>

export const sessionEndSchema = z.object({ key: z.string().max(64), at: z.number(), reason: z.string().max(200) })
export type SessionEnd = z.infer<typeof sessionEndSchema>

/** `sequence` counts per boot from 1; the control plane takes each (boot, sequence) once, so repeats and reorder do no harm. */
export const reportSchema = z.object({
  boot: z.string().max(64),
  sequence: z.number().int().positive(),
  /** The agent's clock, milliseconds, and the span that the deltas cover. */
  at: z.number(),
  intervalMs: z.number().int().positive(),
  bytesIn: count,
  bytesOut: count,
  packetsIn: count,
  packetsOut: count,
  cpuMs: z.number().nonnegative(),
  /** Endpoints allocated now. */
  endpoints: count,
  drops: z.record(z.string(), count),
  sessions: z.array(sessionDeltaSchema).max(70_000),
  ended: z.array(sessionEndSchema).max(70_000),
})
export type Report = z.infer<typeof reportSchema>

/** The relay as it is. `text` is what the page shows beside the switch when `state` is `cannot`. */
export const relayStatusSchema = z.object({
  state: z.enum(['off', 'starting', 'relaying', 'draining', 'cannot']),
  text: z.string().max(300),
  port: z.number().int().nullable(),
  /** Addresses it advertises, `ip:port`. */
  addresses: z.array(z.object({ address: z.string(), source: z.enum(['interface', 'stun', 'static']) })),
  sessions: count,
  dataplane: z.string(),
  /** Bytes of the kernel's buffers, of each socket; absent: not bound, or not known. */
  buffers: z.object({ asked: count, receive: count, send: count }).optional(),
  /** Threads of the data plane; absent: not bound, or none of its own. */
  workers: count.optional(),
  /** Bits a second that one session may carry each way, as the agent was started with; absent: no such limit. */
  sessionRate: z.number().int().positive().optional(),
  /** A port that the machine's own command line asked to advertise on; absent: none asked. */
  requestedPort: z.number().int().optional(),
})
export type RelayStatus = z.infer<typeof relayStatusSchema>
