import type { ChannelCounts } from '../channel/index.ts'
import type { MapCounts, TransportCounts } from '../coordination/index.ts'
import type { EdgeStats } from '../edge.ts'
import type { QuotaUse } from '../services/quota/types.ts'
import type { PageSocketCounts } from './trpc.ts'

export interface MetricsFigures extends EdgeStats {
  readonly channel: ChannelCounts
  readonly coordination: TransportCounts
  readonly maps: MapCounts
  readonly pageSockets: PageSocketCounts
  readonly quotas: readonly QuotaUse[]
}

/** The Prometheus text format, version 0.0.4. Reasons are words of ours and paths are cut to letters and `/._-`, so nothing is escaped. */
export function metricsText({ derp, stun, channel, coordination, maps, pageSockets, quotas }: MetricsFigures): string {
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
  one('towpath_coordination_connections', 'gauge', 'Connections of stock clients.', coordination.connections)
  one('towpath_coordination_unregistered', 'gauge', 'Of these, of machines that have not joined.', coordination.unregistered)
  one('towpath_coordination_requests_total', 'counter', 'Requests of stock clients.', coordination.requests)
  each('towpath_coordination_refused_total', 'reason', 'Upgrades and handshakes of stock clients refused.', coordination.refused)
  each('towpath_coordination_closed_total', 'reason', 'Connections of stock clients that ended.', coordination.closed)
  each('towpath_coordination_unknown_paths_total', 'path', 'Requests of stock clients that nothing serves.', coordination.unknownPaths)
  one('towpath_map_streams', 'gauge', 'Map streams of stock clients.', maps.streams)
  one('towpath_map_streams_blocked', 'gauge', 'Of these, whose clients take less than is written.', maps.blocked)
  one('towpath_map_messages_made_total', 'counter', 'Map messages made and compressed.', maps.framesMade)
  one('towpath_map_messages_shared_total', 'counter', 'Map messages sent as they were made for another client.', maps.framesShared)
  one('towpath_page_sockets', 'gauge', 'Sockets of pages.', pageSockets.open)
  each('towpath_page_sockets_refused_total', 'status', 'Sockets of pages refused, by HTTP status.', pageSockets.refused)
  head('towpath_quota_bytes', 'gauge', 'Bytes a month that a grant of relays may use, by its line of the policy.')
  for (const { line, key, quota } of quotas) lines.push(`towpath_quota_bytes{grant="${key}",line="${line}"} ${quota}`)
  head('towpath_quota_used_bytes', 'gauge', 'Bytes that it used in this month.')
  for (const { line, key, used } of quotas) lines.push(`towpath_quota_used_bytes{grant="${key}",line="${line}"} ${used}`)
  return `${lines.join('\n')}\n`
}
