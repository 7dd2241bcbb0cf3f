/**
 * What a router does with the traffic of its site.
 * - `cone`: keeps the source port for every destination; lets in only what answers (punching works).
 * - `hard`: another random port for each destination (punching fails when both sides are so).
 * - `open`: as `cone`, and everything from outside goes to the site's host.
 * - `udp-blocked`: no UDP leaves; TCP does.
 * - `onlyUdpPorts`: as `cone`, and UDP leaves only to these destination ports.
 */
export type Nat = 'cone' | 'hard' | 'open' | 'udp-blocked' | { readonly onlyUdpPorts: readonly number[] }

export interface RouterAddresses {
  /** The router's on the internet. */
  readonly wan: string
  /** The site's first host. */
  readonly host: string
}

function refusedOutside(nat: Nat): string {
  if (nat === 'udp-blocked') return 'iifname lan meta l4proto udp drop'
  return typeof nat === 'object' ? `iifname lan udp dport != { ${nat.onlyUdpPorts.join(', ')} } drop` : ''
}

/** The router's whole ruleset, for `nft -f`. */
export function natRules(nat: Nat, { wan, host }: RouterAddresses): string {
  // What comes in unasked is dropped, not refused: a refusal leaves a flow behind for which masquerade takes another port, and punching fails.
  return `
table inet lab
delete table inet lab
table inet lab {
  chain forward {
    type filter hook forward priority filter; policy drop;
    ct state invalid drop
    ${refusedOutside(nat)}
    ct state established,related accept
    iifname lan accept
    ${nat === 'open' ? 'iifname wan oifname lan accept' : ''}
  }
  chain input {
    type filter hook input priority filter; policy drop;
    iifname { lo, lan } accept
    meta l4proto { icmp, ipv6-icmp } accept
    ct state established,related accept
  }
  chain prerouting {
    type nat hook prerouting priority dstnat;
    ${nat === 'open' ? `iifname wan ip daddr ${wan} dnat ip to ${host}` : ''}
  }
  chain postrouting {
    type nat hook postrouting priority srcnat;
    oifname wan meta nfproto ipv4 masquerade ${nat === 'hard' ? 'random,fully-random' : ''}
  }
}
`
}
