import { z } from 'zod'
import { parseAddrPort, formatAddrPort, type AddrPort } from '../../lib/addr-port.ts'
import { fromHex, toHex } from '../../lib/bytes.ts'
import type { Millis } from '../../lib/clock.ts'
import { fail, ok, type Result } from '../../lib/result.ts'
import { maxVni } from '../../protocol/geneve/index.ts'
import { formatKey } from '../../protocol/keys.ts'
import { newLeg, type Allocation, type AllocationLeg } from './allocation.ts'
import { bindLifetime } from './constants.ts'
import type { RelayState } from './state.ts'

const key = z.string().regex(/^[0-9a-f]{64}$/)
const counter = z.string().regex(/^\d{1,20}$/)
const vni = z.number().int().min(1).max(maxVni)
const leg = z.object({
  disco: key,
  id: z.number().int(),
  name: z.string(),
  bound: z.string().refine((text) => parseAddrPort(text).ok).optional(),
})

const savedSchema = z.object({
  version: z.literal(1),
  /** Private keys. */
  serverDisco: key,
  nodeDisco: key,
  /** Current, then previous. */
  macSecrets: z.array(key).min(1).max(2),
  rotatedAt: z.number(),
  nextVni: vni,
  lamportId: counter,
  allocations: z.array(z.object({
    vni,
    lamportId: counter,
    createdAt: z.number(),
    askedBy: z.number().int().optional(),
    openedAt: z.number().optional(),
    draining: z.object({ until: z.number(), reason: z.string() }).optional(),
    legs: z.tuple([leg, leg]),
  })),
})

/** A relay's saved state: JSON, with private keys (a file of mode 0600). */
export type SavedRelay = z.infer<typeof savedSchema>

/** Checks a state that was read back; a relay does without one that is damaged: new keys, and clients allocate anew. */
export function parseSaved(value: unknown): Result<SavedRelay, 'bad-saved-state'> {
  const parsed = savedSchema.safeParse(value)
  return parsed.success ? ok(parsed.data) : fail('bad-saved-state')
}

export function saveState(state: RelayState): SavedRelay {
  const { current, previous, rotatedAt } = state.secrets
  return {
    version: 1,
    serverDisco: toHex(state.serverDisco.privateKey),
    nodeDisco: toHex(state.nodeDisco.privateKey),
    macSecrets: (previous ? [current, previous] : [current]).map(toHex),
    rotatedAt,
    nextVni: state.allocations.nextVni,
    lamportId: state.lamportId.toString(),
    allocations: [...state.allocations.all()].map((a) => ({
      vni: a.vni,
      lamportId: a.lamportId.toString(),
      createdAt: a.createdAt,
      ...(a.askedBy !== undefined && { askedBy: a.askedBy }),
      ...(a.openedAt !== undefined && { openedAt: a.openedAt }),
      ...(a.draining && { draining: a.draining }),
      legs: [saveLeg(a.legs[0]), saveLeg(a.legs[1])],
    })),
  }
}

function saveLeg({ disco, client, bound }: AllocationLeg): z.infer<typeof leg> {
  return { disco: toHex(disco), id: client.id, name: client.name, ...(bound && { bound: formatAddrPort(bound) }) }
}

/** Bytes of hex that the schema has checked. */
export function savedBytes(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array(32)
}

/** Legs count as seen now: what came while the relay was away was not seen. Times of a clock that ran ahead are cut to now. */
export function restoreAllocation(saved: SavedRelay['allocations'][number], now: Millis): Allocation {
  const { draining } = saved
  return {
    vni: saved.vni,
    lamportId: BigInt(saved.lamportId),
    createdAt: Math.min(now, Math.max(saved.createdAt, now - bindLifetime)),
    askedBy: saved.askedBy,
    openedAt: saved.openedAt,
    draining: draining && { until: Math.min(draining.until, now + bindLifetime), reason: draining.reason },
    legs: [restoreLeg(saved.legs[0], now), restoreLeg(saved.legs[1], now)],
  }
}

function restoreLeg(saved: z.infer<typeof leg>, now: Millis): AllocationLeg {
  const disco = savedBytes(saved.disco)
  const restored = newLeg(disco, { id: saved.id, name: saved.name, discoKey: formatKey('discokey', disco) }, now)
  restored.bound = saved.bound === undefined ? undefined : boundAt(saved.bound)
  return restored
}

function boundAt(text: string): AddrPort | undefined {
  const parsed = parseAddrPort(text)
  return parsed.ok ? parsed.value : undefined
}
