import { givesRelay } from './access.ts'
import type { CompiledGrant, CompiledPolicy, SelectorUse } from './compile.ts'
import { selectorKey } from './selector.ts'

/** Of each policy once. Bounded: gone with the policy. */
const known = new WeakMap<CompiledPolicy, ReadonlyMap<CompiledGrant, string>>()

/**
 * A name for each grant of relays that says whom it is for and not where it stands or what it limits: what was used of a quota is
 * kept under it, and stays when lines move or the quota is raised. Grants between the same ends are counted in their order.
 */
export function relayKeys(compiled: CompiledPolicy): ReadonlyMap<CompiledGrant, string> {
  const made = known.get(compiled) ?? keysOf(compiled)
  known.set(compiled, made)
  return made
}

/** For a policy made of another: grants of it that are the same objects keep their names. */
export function keepRelayKeys(compiled: CompiledPolicy, keys: ReadonlyMap<CompiledGrant, string>): void {
  known.set(compiled, keys)
}

function keysOf({ grants, selectors }: CompiledPolicy): ReadonlyMap<CompiledGrant, string> {
  const side = (uses: readonly SelectorUse[]): string[] => [...new Set(uses.map(({ selector, text }) => {
    const found = selectors[selector]
    return found === undefined ? text : selectorKey(found)
  }))].toSorted()
  /** Bounded, both: grants of the document. */
  const keys = new Map<CompiledGrant, string>()
  const times = new Map<string, number>()
  for (const grant of grants) {
    if (!givesRelay(grant)) continue
    const name = hash(JSON.stringify([side(grant.src), side(grant.dst)]))
    const time = (times.get(name) ?? 0) + 1
    times.set(name, time)
    keys.set(grant, time === 1 ? name : `${name}-${time}`)
  }
  return keys
}

/** FNV-1a of 64 bits: a document has at most 10,000 grants, and nobody gains by a collision in it. */
function hash(text: string): string {
  let value = 0xcbf29ce484222325n
  for (const byte of new TextEncoder().encode(text)) value = BigInt.asUintN(64, (value ^ BigInt(byte)) * 0x100000001b3n)
  return value.toString(16).padStart(16, '0')
}
