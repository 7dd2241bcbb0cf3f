import type { SessionRow } from '../../server/trpc/types.ts'
import { plural } from '../ui/format.ts'

/** A packet of a client whose tunnel has the usual MTU of 1,280 bytes: WireGuard and UDP over IPv6 add 80, the relay's header 8. */
const usualPacket = '1,368'

type Counted = Pick<SessionRow, 'a' | 'b' | 'relayName' | 'tooBigFromA' | 'tooBigFromB'>

/** A sentence for each direction that had such packets, the advice, and the command that it ends with; undefined: it had none. */
export function tooBigWords({ a, b, relayName, tooBigFromA, tooBigFromB }: Counted): { readonly what: readonly string[]; readonly advice: string; readonly command: string } | undefined {
  const ways = [{ from: a.name, to: b.name, count: tooBigFromA }, { from: b.name, to: a.name, count: tooBigFromB }].filter(({ count }) => count > 0)
  if (ways.length === 0) return undefined
  const list = (names: readonly string[]): string => names.join(' and ')
  return {
    what: ways.map(({ from, to, count }) => `${plural(count, 'packet')} from ${from} ${count === 1 ? 'was' : 'were'} larger than the way to ${to} takes; ${count === 1 ? 'it' : 'they'} went on in fragments.`),
    advice: `Raise the MTU on the way from ${relayName} to ${list(ways.map(({ to }) => to))}: ${usualPacket} bytes are enough for a tunnel’s usual 1,280.`
      + ` Or lower the tunnel’s on ${list(ways.map(({ from }) => from))}, though below 1,280 Linux has no IPv6 in it:`,
    command: 'sudo ip link set tailscale0 mtu 1200',
  }
}
