import type { ChannelCounts } from '../channel/index.ts'
import type { EdgeStats } from '../edge.ts'
import type { PageSocketCounts } from './trpc.ts'

export interface MetricsFigures extends EdgeStats {
  readonly channel: ChannelCounts
  readonly pageSockets: PageSocketCounts
}

/** The Prometheus text format, version 0.0.4. Reasons are words of ours, so nothing is escaped. */
export function metricsText({ derp, stun, channel, pageSockets }: MetricsFigures): string {
  const lines: string[] = []
  const head = (name: string, type: 'counter' | 'gauge', help: string): void => void lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`)
  const one = (name: string, type: 'counter' | 'gauge', help: string, value: number): void => {
    head(name, type, help)
    lines.push(`${name} ${value}`)
  }
  const each = (name: string, label: string, help: string, counts: Readonly<Record<string, number>>): void => {
    head(name, 'counter', help)
    for (const [word, count] of Object.entries(counts)) lines.push(`${name}{${label}="${word}"} ${count}`)
  }
  one('towpath_derp_connections', 'gauge', 'Connections of the DERP server.', derp.connections)
  one('towpath_derp_clients', 'gauge', 'Clients, each once.', derp.clients)
  one('towpath_derp_packets_total', 'counter', 'Packets forwarded.', derp.packets)
  one('towpath_derp_bytes_total', 'counter', 'Bytes forwarded, without frame and key.', derp.bytes)
  each('towpath_derp_dropped_total', 'reason', 'Packets not forwarded.', derp.dropped)
  each('towpath_derp_closed_total', 'reason', 'Connections refused, or ended by the server.', derp.closed)
  one('towpath_derp_failed_handshakes_total', 'counter', 'Connections that ended in TLS or HTTP.', derp.failedHandshakes)
  one('towpath_stun_answered_total', 'counter', 'STUN requests answered.', stun.answered)
  each('towpath_stun_dropped_total', 'reason', 'STUN requests not answered.', stun.dropped)
  one('towpath_channel_connections', 'gauge', 'Connections of agents.', channel.connections)
  one('towpath_channel_nodes', 'gauge', 'Nodes with a channel.', channel.nodes)
  one('towpath_channel_unproven', 'gauge', 'Connections that have not proven a key yet.', channel.unproven)
  each('towpath_channel_turned_away_total', 'reason', 'Connections of agents refused before the upgrade.', channel.turnedAway)
  each('towpath_channel_refused_total', 'reason', 'Nodes and proofs refused.', channel.refused)
  one('towpath_page_sockets', 'gauge', 'Sockets of pages.', pageSockets.open)
  each('towpath_page_sockets_refused_total', 'status', 'Sockets of pages refused, by HTTP status.', pageSockets.refused)
  return `${lines.join('\n')}\n`
}
