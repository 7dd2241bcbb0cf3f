import { z } from 'zod'
import { nodeKeySchema } from '../../../protocol/tailcfg/index.ts'
import type { Clock } from '../../../lib/clock.ts'
import { TowpathError } from '../../errors/index.ts'
import type { ClientAction } from '../../services/node/client-action.ts'
import type { ExchangeHandler } from '../transport/types.ts'

const maxBytes = 64 << 10
const minuteMs = 60_000
/** Of one machine: what a person does comes nowhere near. */
const maxPerMinute = 20
/** More machines than this within a minute share one count. */
const maxMachines = 10_000

const requestSchema = z.object({ NodeKey: nodeKeySchema, Action: z.string().min(1), Details: z.string().nullish() })

export interface AuditLogDeps {
  readonly clock: Clock
  record(caller: { readonly machineKey: string; readonly ip: string }, action: ClientAction): Promise<void>
}

/** `POST /machine/audit-log`: why somebody disconnected a client, where a reason is asked for. A client repeats what is answered with 429. */
export function auditLogHandler({ clock, record }: AuditLogDeps): ExchangeHandler {
  /** By machine key, in the minute that began at `since`. Bounded: `maxMachines`. */
  const counts = new Map<string, number>()
  let since = clock.now()

  function admit(machineKey: string): void {
    const now = clock.now()
    if (Math.abs(now - since) >= minuteMs) {
      counts.clear()
      since = now
    }
    const key = counts.has(machineKey) || counts.size < maxMachines ? machineKey : 'others'
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    if (count > maxPerMinute) throw new TowpathError({ code: 'rate-limited', text: 'Too many entries', fix: 'Try again in a minute', details: { retryAfterSeconds: 60 } })
  }

  return async ({ caller, body, answer }) => {
    admit(caller.machineKey)
    const parsed = requestSchema.safeParse(jsonOf(await body(maxBytes)))
    if (!parsed.success) throw new TowpathError({ code: 'invalid', text: 'The request is no audit entry', fix: 'Send NodeKey, Action and Details' })
    const { NodeKey: nodeKey, Action: action, Details: details } = parsed.data
    await record(caller, { nodeKey, action, details: details ?? '' })
    answer(200)
  }
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString())
  } catch {
    return undefined
  }
}
