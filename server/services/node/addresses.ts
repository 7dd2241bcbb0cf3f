import type { Millis, RandomBytes } from '../../../lib/clock.ts'
import type { Tx } from '../../db/client.ts'
import { TowpathError } from '../../errors/index.ts'

// 100.64.0.0/10, as numbers; its first and last address are not given out.
const first = 0x64400001
const last = 0x647ffffe
/** Of a removed machine: others may still have its address in a cache or a rule. */
const retiredMs = 30 * 86_400_000
const maxTries = 200

/** Parts of the range that clients treat otherwise (ChromeOS VMs, MagicDNS and its neighbours), as first and last. */
const reserved: readonly (readonly [number, number])[] = [
  [toNumber('100.115.92.0'), toNumber('100.115.93.255')],
  [toNumber('100.100.0.0'), toNumber('100.100.0.255')],
  [toNumber('100.100.100.0'), toNumber('100.100.100.255')],
  [toNumber('100.101.102.103'), toNumber('100.101.102.103')],
]

function toNumber(ipv4: string): number {
  return ipv4.split('.').reduce((value, part) => value * 256 + Number(part), 0)
}

function toText(value: number): string {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255].join('.')
}

/** `fd7a:115c:a1e0:ab12:4843:cd96:6200::/104` and the last three bytes of the IPv4 address. */
export function ipv6Of(ipv4: string): string {
  const value = toNumber(ipv4)
  const high = 0x6200 | ((value >>> 16) & 255)
  return `fd7a:115c:a1e0:ab12:4843:cd96:${high.toString(16)}:${(value & 0xffff).toString(16)}`
}

/** The next address that may be given out, from this one on; undefined: the range is at its end. */
export function usableFrom(value: number): number | undefined {
  let at = Math.max(value, first)
  for (let moved = true; moved;) {
    moved = false
    for (const [low, high] of reserved) {
      if (at < low || at > high) continue
      at = high + 1
      moved = true
    }
  }
  return at > last ? undefined : at
}

/** An address that no machine has and none had in the last 30 days: the one after the highest, else any. Within `lockNodes`. */
export async function allocateAddress(tx: Tx, random: RandomBytes, now: Millis): Promise<{ readonly ipv4: string; readonly ipv6: string }> {
  const [highest] = await tx.$queryRaw<{ ipv4: string | null }[]>`
    SELECT host(max(address)) AS ipv4 FROM (SELECT ipv4::inet AS address FROM "Node" UNION ALL SELECT ipv4::inet FROM "RetiredAddress") AS known`
  let candidate = usableFrom(highest?.ipv4 ? toNumber(highest.ipv4) + 1 : first)
  for (let tries = 0; tries < maxTries; tries++) {
    const value = candidate ?? usableFrom(first + (Buffer.from(random(4)).readUInt32BE() % (last - first)))
    candidate = undefined
    if (value === undefined) continue
    const ipv4 = toText(value)
    const [node, retired] = [await tx.node.count({ where: { ipv4 } }), await tx.retiredAddress.count({ where: { ipv4, freeAt: { gt: new Date(now) } } })]
    if (node + retired === 0) return { ipv4, ipv6: ipv6Of(ipv4) }
  }
  throw new TowpathError({ code: 'unavailable', text: 'No address is free in 100.64.0.0/10', fix: 'Remove machines that are gone; their addresses are free again after 30 days' })
}

export async function retireAddress(tx: Tx, ipv4: string, now: Millis): Promise<void> {
  const freeAt = new Date(now + retiredMs)
  await tx.retiredAddress.upsert({ where: { ipv4 }, create: { ipv4, freeAt }, update: { freeAt } })
}
