import type { Grant, Json } from '@/policy/index.ts'

const protocolNames: ReadonlyMap<number, string> = new Map([
  [1, 'ICMP'], [2, 'IGMP'], [6, 'TCP'], [17, 'UDP'], [47, 'GRE'], [50, 'ESP'], [58, 'ICMPv6'], [132, 'SCTP'],
])

/** "any port", "port 443", "TCP 443, UDP 53". */
export function portWords(entries: Grant['ip']): string {
  const words = entries.map(({ ports, protocol }) => {
    const all = ports.some(({ first, last }) => first === 0 && last === 65535)
    const text = ports.map(({ first, last }) => (first === last ? `${first}` : `${first}–${last}`)).join(', ')
    if (protocol === undefined) return all ? 'any port' : text
    const name = protocolNames.get(protocol) ?? `protocol ${protocol}`
    return all ? name : `${name} ${text}`
  })
  const joined = [...new Set(words)].join(', ')
  return /^\d+$/.test(joined) ? `port ${joined}` : /^\d/.test(joined) ? `ports ${joined}` : joined
}

/** The parameters of the relay capability; absent in one set of them means no limit at all (more generous wins). */
export function relayWords(values: readonly Json[]): string {
  if (values.length === 0) return 'no limit'
  const sets = values.map((value) => parameterWords(value).join(', '))
  return sets.some((set) => set === '') ? 'no limit' : [...new Set(sets)].join(', or ')
}

function parameterWords(value: Json): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return Object.entries(value).flatMap(([name, setting]) => {
    switch (name) {
      case 'maxSessions': return [`${String(setting)} ${setting === 1 ? 'session' : 'sessions'}`]
      case 'family': return [setting === 'ipv4' ? 'IPv4 only' : 'IPv6 only']
      case 'quota': return [spaced(String(setting))]
      case 'maxRate': return [spaced(String(setting)).replace(/([kmg])bit$/, (_, prefix: string) => `${prefix === 'k' ? 'k' : prefix.toUpperCase()}bit/s`)]
      case 'prefer': return [`prefer ${String(setting)}`]
      default: return []
    }
  })
}

function spaced(amount: string): string {
  return amount.replace(/^([0-9.]+)\s*/, '$1 ')
}
