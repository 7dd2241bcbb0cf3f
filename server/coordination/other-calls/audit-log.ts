import { z } from 'zod'
import { nodeKeySchema } from '../../../protocol/tailcfg/index.ts'
import type { Clock } from '../../../lib/clock.ts'
import { KeyedBuckets } from '../../../lib/keyed-buckets.ts'
import { TowpathError } from '../../errors/index.ts'
import type { ClientAction } from '../../services/node/client-action.ts'
import type { ExchangeHandler } from '../transport/types.ts'

const maxBytes = 64 << 10
/** Of one machine: what a person does comes nowhere near. */
const perMachine = { perSecond: 20 / 60, burst: 20 } as const
const retryAfterSeconds = 3
/** Remembered for their rate. */
const maxMachines = 10_000

const requestSchema = z.object({ NodeKey: nodeKeySchema, Action: z.string().min(1), Details: z.string().nullish() })

export interface AuditLogDeps {
  readonly clock: Clock
  record(caller: { readonly machineKey: string; readonly ip: string }, action: ClientAction): Promise<void>
}

/** `POST /machine/audit-log`: why somebody disconnected a client, where a reason is asked for. A client repeats what is answered with 429. */
export function auditLogHandler({ clock, record }: AuditLogDeps): ExchangeHandler {
  const machines = new KeyedBuckets<string>(perMachine, maxMachines)
  return async ({ caller, body, answer }) => {
    if (!machines.take(caller.machineKey, clock.now())) {
      throw new TowpathError({ code: 'rate-limited', text: 'Too many entries', fix: `Wait ${retryAfterSeconds} s`, details: { retryAfterSeconds } })
    }
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
