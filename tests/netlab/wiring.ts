import { script } from './execute.ts'
import type { Layout, Place } from './layout.ts'
import { macOf } from './names.ts'

export interface WiringOptions {
  readonly ipv6: boolean
  /** Whether frames may be larger than a wire carries: faster, but a lost one is then many packets. */
  readonly offload: boolean
}

/** A namespace without the kernel's surprises. */
function namespaceLines({ namespace }: Place, { ipv6 }: WiringOptions, isRouter: boolean): string[] {
  const off = ipv6 ? 0 : 1
  const settings = [
    'net.ipv4.conf.all.rp_filter=0', 'net.ipv4.conf.default.rp_filter=0',
    // A router that is renumbered keeps its routes.
    'net.ipv4.conf.all.promote_secondaries=1',
    `net.ipv6.conf.all.disable_ipv6=${off}`, `net.ipv6.conf.default.disable_ipv6=${off}`,
    'net.ipv6.conf.default.accept_ra=0', 'net.ipv6.conf.default.accept_dad=0', 'net.ipv6.conf.default.router_solicitations=0',
    // Bridged frames do not pass the router's own rules.
    'net.bridge.bridge-nf-call-iptables=0', 'net.bridge.bridge-nf-call-ip6tables=0', 'net.bridge.bridge-nf-call-arptables=0',
    ...(isRouter ? ['net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1'] : []),
  ]
  return [`ip netns add ${namespace}`, `ip -n ${namespace} link set lo up`, `ip netns exec ${namespace} sysctl -eqw ${settings.join(' ')}`]
}

function bridgeLines({ namespace, name }: Place, bridge: string): string[] {
  return [
    `ip -n ${namespace} link add ${bridge} address ${macOf(name, bridge)} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`,
    `ip -n ${namespace} link set ${bridge} mtu 1500 up`,
  ]
}

function cableLines({ namespace, cable }: Place, at: Place, { offload }: WiringOptions): string[] {
  if (!cable) return []
  const plain = 'tx off tso off gso off gro off tx-udp-segmentation off >/dev/null'
  return [
    `ip -n ${at.namespace} link add ${cable.port} address ${macOf(at.name, cable.port)} type veth peer name ${cable.device} address ${cable.mac} netns ${namespace}`,
    ...(offload ? [] : [`ip netns exec ${namespace} ethtool -K ${cable.device} ${plain}`, `ip netns exec ${at.namespace} ethtool -K ${cable.port} ${plain}`]),
    `ip -n ${at.namespace} link set ${cable.port} addrgenmode none master ${cable.bridge} up`,
    `ip -n ${namespace} link set ${cable.device} up`,
  ]
}

function addressLines({ namespace, cable, own, isApart, gateway, lan }: Place, { ipv6 }: WiringOptions): string[] {
  if (!cable || !gateway) return []
  const add = (address: string, device: string) => `ip -n ${namespace} addr add ${address} dev ${device}`
  return [
    ...(isApart ? [add(`${own.v4}/32`, cable.device), `ip -n ${namespace} route add 198.51.100.0/24 dev ${cable.device}`] : [add(`${own.v4}/24`, cable.device)]),
    ...(lan ? [add(`${lan.v4}/24`, 'lan')] : []),
    ...(ipv6 ? [add(`${own.v6}/64`, `${cable.device} nodad`)] : []),
    ...(ipv6 && lan ? [add(`${lan.v6}/64`, 'lan nodad')] : []),
    `ip -n ${namespace} route add default via ${gateway.v4}`,
    ...(ipv6 ? [`ip -n ${namespace} route add default via ${gateway.v6}`] : []),
  ]
}

/** Places on one bridge know each other from the start, so that a cut cable is silent at once: nobody reports that an address is not found. */
function acquaintLines({ places }: Layout, { ipv6 }: WiringOptions): string[] {
  const all = [...places.values()]
  const know = ({ namespace }: Place, device: string, address: string, mac: string) => `ip -n ${namespace} neigh replace ${address} lladdr ${mac} dev ${device} nud permanent`
  return all.flatMap((one) => {
    if (!one.cable) return []
    const { device, at, mac } = one.cable
    const peers = all.filter((other) => other !== one && other.cable?.at === at)
    const lines = peers.flatMap((other) => {
      if (!other.cable) return []
      const addresses = [other.own.v4, ...(other.spare === undefined ? [] : [other.spare]), ...(ipv6 ? [other.own.v6] : [])]
      return [
        ...addresses.map((address) => know(one, device, address, other.cable?.mac ?? '')),
        ...(other.isApart ? [`ip -n ${one.namespace} route add ${other.own.v4} dev ${device}`] : []),
        ...(ipv6 && other.lan ? [`ip -n ${one.namespace} route add ${other.lan.network6} via ${other.own.v6}`] : []),
      ]
    })
    const router = places.get(at)
    if (!router?.lan) return lines
    const both = (here: Place, there: { readonly v4: string; readonly v6: string }, by: string, theirs: string) =>
      [there.v4, ...(ipv6 ? [there.v6] : [])].map((address) => know(here, by, address, theirs))
    return [...lines, ...both(one, router.lan, device, macOf(router.name, 'lan')), ...both(router, one.own, 'lan', mac)]
  })
}

/** Makes every namespace, bridge, cable, address and route. */
export async function wire(layout: Layout, options: WiringOptions): Promise<void> {
  const { inet, places } = layout
  const all = [...places.values()]
  await script([
    ...namespaceLines(inet, options, false), ...bridgeLines(inet, 'br0'),
    // The rest of the internet: answers a ping, and refuses everything else.
    `ip -n ${inet.namespace} addr add ${inet.own.v4}/24 dev br0`,
    ...(options.ipv6 ? [`ip -n ${inet.namespace} addr add ${inet.own.v6}/64 dev br0 nodad`] : []),
    `ip netns exec ${inet.namespace} nft 'add table bridge lab; add set bridge lab blocked { type ifname . ifname; }; add chain bridge lab forward { type filter hook forward priority 0; }; add rule bridge lab forward iifname . oifname @blocked drop'`,
    ...all.flatMap((place) => [...namespaceLines(place, options, place.lan !== undefined), ...(place.lan ? bridgeLines(place, 'lan') : [])]),
    ...all.flatMap((place) => cableLines(place, places.get(place.cable?.at ?? '') ?? inet, options)),
    ...all.flatMap((place) => addressLines(place, options)),
    ...acquaintLines(layout, options),
  ])
}
