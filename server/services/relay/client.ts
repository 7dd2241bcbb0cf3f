import { storedHostinfoSchema } from '../../../protocol/tailcfg/index.ts'
import type { ServiceContext } from '../context.ts'
import type { NodeRecord } from '../network/load.ts'
import { relayStateSchema } from '../network/stored.ts'
import type { RelayRow, RelayState } from './shape.ts'

/** The version from which a client's owner can let its network set it (spec/coordination.md §7.3). */
const remoteConfigVersion = 142

export type Consent = NonNullable<RelayRow['client']>

export function consentOf({ capVersion, hostinfo }: Pick<NodeRecord, 'capVersion' | 'hostinfo'>): Consent {
  const knowsRemoteConfig = capVersion >= remoteConfigVersion
  return { knowsRemoteConfig, remoteConfig: knowsRemoteConfig && (storedHostinfoSchema.parse(hostinfo).RemoteConfig ?? false) }
}

/** Of `configure` and the switch, until the client is known to go by it. A stock client's view has no revision of its own. */
export function isPending({ viewRevision, appliedRevision }: Pick<NodeRecord, 'viewRevision' | 'appliedRevision'>): boolean {
  return appliedRevision < viewRevision
}

type ClientRecord = Pick<NodeRecord, 'id' | 'capVersion' | 'hostinfo' | 'viewRevision' | 'appliedRevision'> & { readonly relay: NonNullable<NodeRecord['relay']> }

/** `mayRelay`: it did when it was last heard of. */
export function offlineState(network: Pick<ServiceContext['network'], 'offlineSince'>, id: number, who: 'agent' | 'client', mayRelay: boolean): { readonly state: 'offline'; readonly stateText: string } {
  const text = network.offlineSince(id) === undefined ? 'Not connected since the control plane started' : `Its ${who} is not connected`
  return { state: 'offline', stateText: mayRelay ? `${text}; if the relay still runs, its sessions go on` : text }
}

/** A stock relay, wanted and reported, as one state with its words. */
export function clientState(record: ClientRecord, network: Pick<ServiceContext['network'], 'isOnline' | 'offlineSince' | 'isRelayHeld'>): { readonly state: RelayState; readonly stateText: string } {
  const { id, relay } = record
  const isOn = relayStateSchema.parse(relay.state) === 'relaying'
  if (!network.isOnline(id)) {
    return offlineState(network, id, 'client', relay.advertised && isOn)
  }
  if (network.isRelayHeld(id)) return { state: 'draining', stateText: 'Ends all its sessions, as some lost their grant; then it relays again' }
  if (!relay.advertised) {
    if (isOn && isPending(record)) return { state: 'draining', stateText: 'Waiting for its client to stop' }
    return { state: 'off', stateText: isOn ? 'Held off from here; on the machine itself it is still set up' : '' }
  }
  // Set up for it, and without the port: nobody gets through.
  if (isOn && relay.boundPort === null && relay.stateText !== '') return { state: 'cannot', stateText: relay.stateText }
  if (isOn) return { state: 'relaying', stateText: relay.stateText }
  if (relay.stateText !== '') return { state: 'cannot', stateText: relay.stateText }
  if (consentOf(record).remoteConfig && isPending(record)) return { state: 'starting', stateText: 'Waiting for its client' }
  return { state: 'off', stateText: 'Turned off on the machine itself' }
}
