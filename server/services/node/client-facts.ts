import { relayCapVersion, storedHostinfoSchema } from '../../../protocol/tailcfg/index.ts'
import type { NodeRecord } from '../network/load.ts'
import type { MachineDetail } from './shape.ts'
import { systemOf } from './system-name.ts'

/** What a stock client says of itself; null: it is none. */
export function clientFacts(record: NodeRecord): MachineDetail['client'] {
  if (record.kind !== 'client') return null
  const info = storedHostinfoSchema.parse(record.hostinfo)
  const net = info.NetInfo
  return {
    system: systemOf(record),
    relay: info.PeerRelay ?? false,
    remoteConfig: info.RemoteConfig ?? false,
    hardNat: net?.MappingVariesByDestIP ?? null,
    udp: net?.WorkingUDP ?? null,
  }
}

/** What a client's own checks may find (spec/coordination.md §3.2); what is not named here is no matter of the network's. */
const flagSentences: Readonly<Record<string, string>> = {
  'warn-ip-forwarding-off': 'It offers routes, but its system does not forward packets: set net.ipv4.ip_forward=1 and net.ipv6.conf.all.forwarding=1 on it.',
  'warn-router-unhealthy': 'Its client cannot set the routes of its system: its log says why.',
}

/** What keeps a stock client from working as people expect, one sentence each. */
export function clientWarnings(record: NodeRecord): string[] {
  const info = storedHostinfoSchema.parse(record.hostinfo)
  if (record.kind !== 'client') return []
  return [
    ...(record.capVersion > 0 && record.capVersion < relayCapVersion
      ? ['Its client is too old for peer relays: install version 1.86 or a later one.'] : []),
    ...(info.ShieldsUp === true
      ? ['Its client lets nothing in (shields up), and uses no relay: run "tailscale set --shields-up=false" on it.'] : []),
    ...(info.NetInfo?.WorkingUDP === false
      ? ['UDP does not get out where it is: it reaches others over DERP alone.'] : []),
    ...record.debugFlags.flatMap((flag) => flagSentences[flag] ?? []),
    ...(record.homeDerp === 0 && record.authorized && record.lastSeen !== null
      ? ['It has no home DERP yet: others reach it once it has.'] : []),
  ]
}
