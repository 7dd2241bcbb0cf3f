import { z } from 'zod'
import { strictBoolean } from '../strict-boolean.ts'

/** What the page shows beside the switch. The agent's own states, and `offline`: no channel. */
export const relayStateSchema = z.enum(['off', 'starting', 'relaying', 'draining', 'cannot', 'offline'])
export type RelayState = z.infer<typeof relayStateSchema>

export const relayRowSchema = z.object({
  /** The node's id. */
  id: z.number().int(),
  name: z.string(),
  kind: z.enum(['agent', 'client']),
  tags: z.array(z.string()),
  /** Let into the network: until then it relays for nobody, whatever the switch says. */
  approved: z.boolean(),
  /** Wanted: the switch. */
  advertised: z.boolean(),
  /** Actual. */
  state: relayStateSchema,
  /** One line in words: why it cannot, since when it is offline, how many sessions are left while it drains. */
  stateText: z.string(),
  /** The port wanted, and the one bound now. */
  port: z.number().int(),
  boundPort: z.number().int().nullable(),
  addresses: z.array(z.object({ address: z.string(), source: z.enum(['interface', 'stun', 'static']) })),
  region: z.string(),
  version: z.string(),
  sessions: z.number().int(),
  /** Last known rates of the relay, bits a second: in is all that it received, out what it forwarded. Null: unknown (offline). */
  rateIn: z.number().nullable(),
  rateOut: z.number().nullable(),
  /** Datagrams dropped in the last hour. */
  dropsLastHour: z.number().int(),
  /** Datagrams taken in during the last hour, those dropped not among them. */
  packetsLastHour: z.number(),
  /** Mean bits a second forwarded, in 30 buckets of the last 15 minutes, oldest first; null: no report. */
  sparkline: z.array(z.number().nullable()),
  online: z.boolean(),
  /** When its channel broke; null: it is connected, or was not since the control plane started. */
  offlineSince: z.date().nullable(),
  lastSeen: z.date().nullable(),
  /** Of a stock client; null: it is an agent. */
  client: z.object({
    /** Its owner lets this network set it: `tailscale set --remote-config`. */
    remoteConfig: z.boolean(),
    /** Its version knows that setting. */
    knowsRemoteConfig: z.boolean(),
  }).nullable(),
})
export type RelayRow = z.infer<typeof relayRowSchema>

/** `words` such as "at most 20 sessions", the policy's lines that say so, and what is to be known of it; empty: nothing. */
export const limitSchema = z.object({ words: z.string(), lines: z.array(z.number().int()), note: z.string() })
export type Limit = z.infer<typeof limitSchema>

export const relayDetailSchema = relayRowSchema.extend({
  staticEndpoints: z.array(z.string()),
  maxEndpoints: z.number().int(),
  handshakesPerSecond: z.number().int(),
  /** Endpoints allocated now; null: unknown. */
  endpoints: z.number().int().nullable(),
  revision: z.number().int(),
  appliedRevision: z.number().int(),
  dataplane: z.string(),
  /** Bytes of the kernel's buffers, of each socket; null: its agent does not tell. */
  buffers: z.object({ asked: z.number().int(), receive: z.number().int(), send: z.number().int() }).nullable(),
  /** Threads of the data plane; null: it has none of its own, or its agent does not tell. */
  workers: z.number().int().nullable(),
  /** Bits a second that one session may carry each way, as its agent was started with; null: no such limit, or its agent does not tell. */
  sessionRate: z.number().int().nullable(),
  /** A port that the machine's own command line asked to advertise on. */
  requestedPort: z.number().int().nullable(),
  os: z.string(),
  hostname: z.string(),
  /** By grant: whose machines, how many, how many of them use it now, and the policy's line. */
  mayUse: z.array(z.object({
    selector: z.string(),
    /** A grant with several selectors has a row for each, one after the other. */
    grantIndex: z.number().int(),
    machines: z.number().int(),
    now: z.number().int(),
    line: z.number().int(),
    /** Names of the machines, at most 50. */
    names: z.array(z.string()),
    /** What the grant itself limits: another one may set no limit. */
    limits: z.array(limitSchema),
    /** Its quota is used up: nobody may use the relay by it now. */
    usedUp: z.boolean(),
  })),
  /** Distinct machines that may use it. */
  mayUseCount: z.number().int(),
  /** Of the last hour, most first. */
  drops: z.array(z.object({ reason: z.string(), count: z.number().int() })),
  /** Newest first, at most 20: audit entries of this relay. */
  events: z.array(z.object({ at: z.date(), actor: z.string(), text: z.string() })),
})
export type RelayDetail = z.infer<typeof relayDetailSchema>

export const relayIdSchema = z.object({ id: z.number().int().positive() })
export const setAdvertisedSchema = z.object({ id: z.number().int().positive(), advertised: strictBoolean })

/** `ip:port` (IPv6 in brackets); checked by the verb with the position of what is wrong. */
export const configureRelaySchema = z.object({
  id: z.number().int().positive(),
  port: z.number().int().min(1, 'a port is 1 to 65535').max(65_535, 'a port is 1 to 65535'),
  staticEndpoints: z.array(z.string().trim().min(1)).max(16, 'at most 16 static endpoints'),
  region: z.string().trim().max(40),
  maxEndpoints: z.number().int().min(1).max(65_536),
  handshakesPerSecond: z.number().int().min(1).max(10_000),
})
