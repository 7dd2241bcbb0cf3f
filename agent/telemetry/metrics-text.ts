import type { PlaneTotals } from '../dataplane/index.ts'

export interface MetricsInputs {
  readonly version: string
  /** What forwards, and its threads (0: the main one). */
  readonly dataPlane: { readonly name: string; readonly threads: number }
  readonly totals: PlaneTotals
  readonly drops: Readonly<Record<string, number>>
  readonly sessions: number
  readonly endpoints: number
  /** Sessions that came and went while no report could be made, beyond those that are kept. */
  readonly forgottenSessions: number
  readonly relaying: boolean
  readonly channelConnected: boolean
  readonly derpConnected: boolean
  readonly cpuMs: number
  readonly residentBytes: number
}

/** The Prometheus text format, version 0.0.4. */
export function metricsText(m: MetricsInputs): string {
  const lines: string[] = []
  const metric = (name: string, type: 'counter' | 'gauge', help: string, samples: readonly (readonly [labels: string, value: number])[]): void => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...samples.map(([labels, value]) => `${name}${labels} ${value}`))
  }
  const flag = (on: boolean): number => (on ? 1 : 0)
  metric('towpath_agent_info', 'gauge', 'The running agent.', [[`{version="${m.version}"}`, 1]])
  metric('towpath_relay_up', 'gauge', 'Whether the relay is on and its port bound.', [['', flag(m.relaying)]])
  metric('towpath_relay_data_plane_threads', 'gauge', 'Threads that forward; 0: the main one does.', [[`{plane="${m.dataPlane.name}"}`, m.dataPlane.threads]])
  metric('towpath_relay_bytes_total', 'counter', 'UDP payload through the relay port.', [['{direction="in"}', m.totals.bytesIn], ['{direction="out"}', m.totals.bytesOut]])
  metric('towpath_relay_packets_total', 'counter', 'Datagrams through the relay port.', [['{direction="in"}', m.totals.packetsIn], ['{direction="out"}', m.totals.packetsOut]])
  metric('towpath_relay_too_large_packets_total', 'counter', 'Datagrams larger than their way, sent in fragments.', [['', m.totals.tooBig]])
  metric('towpath_relay_drops_total', 'counter', 'Datagrams and requests not served, by reason.', [
    ...Object.entries(m.drops).map(([reason, count]) => [`{reason="${reason}"}`, count] as const),
    ['{reason="congestion"}', m.totals.congestionDrops],
    ['{reason="receive-buffer"}', m.totals.kernelDrops],
    ['{reason="rate-limit"}', m.totals.rateDrops],
    ['{reason="fair-share"}', m.totals.shareDrops],
    ['{reason="control-flood"}', m.totals.controlDrops],
    ['{reason="socket-error"}', m.totals.socketErrors],
  ])
  metric('towpath_relay_sessions', 'gauge', 'Open sessions.', [['', m.sessions]])
  metric('towpath_relay_sessions_forgotten_total', 'counter', 'Sessions that ended unreported during a long outage of the control plane.', [['', m.forgottenSessions]])
  metric('towpath_relay_endpoints', 'gauge', 'Allocated endpoints.', [['', m.endpoints]])
  metric('towpath_channel_connected', 'gauge', 'Whether the control plane is connected.', [['', flag(m.channelConnected)]])
  metric('towpath_derp_connected', 'gauge', 'Whether the home DERP is connected.', [['', flag(m.derpConnected)]])
  metric('process_cpu_seconds_total', 'counter', 'User and system time.', [['', m.cpuMs / 1000]])
  metric('process_resident_memory_bytes', 'gauge', 'Resident memory.', [['', m.residentBytes]])
  return `${lines.join('\n')}\n`
}
