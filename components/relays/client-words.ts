import type { RelayDetail, RelayRow } from '../../server/trpc/types.ts'

/** Wanted on, and the machine itself turned it off. */
export function isOtherwise({ advertised, state }: Pick<RelayRow, 'advertised' | 'state'>): boolean {
  return advertised && (state === 'off' || state === 'cannot')
}

/** A stock client tells its sessions only with its owner's consent. */
export function isUntold({ client }: Pick<RelayRow, 'client'>): boolean {
  return client !== null && !client.remoteConfig
}

/** What its owner runs on the machine, for what. */
export function clientCommands(
  relay: Pick<RelayDetail, 'advertised' | 'state' | 'stateText' | 'port'>, { remoteConfig, knowsRemoteConfig }: NonNullable<RelayDetail['client']>,
): readonly { readonly what: string; readonly command: string }[] {
  if (remoteConfig) return [{ what: 'To take that right back, on the machine:', command: 'tailscale set --remote-config=false' }]
  const isOn = relay.state === 'relaying' || relay.state === 'draining'
  const isHeldOff = !relay.advertised && relay.stateText !== ''
  return [
    isHeldOff
      ? { what: 'To turn it off there, too, on the machine:', command: 'tailscale set --relay-server-port=' }
      : { what: isOn ? 'For another port, on the machine:' : 'To let it relay, on the machine:', command: `tailscale set --relay-server-port=${relay.port}` },
    ...(knowsRemoteConfig ? [{ what: 'To let this network set it, once, on the machine:', command: 'tailscale set --remote-config' }] : []),
  ]
}
