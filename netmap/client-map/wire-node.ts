import { type CapMap, goTime, isZeroKey, type PeerHostinfo, type WireNode } from '../../protocol/tailcfg/index.ts'
import type { NetNode } from '../model.ts'

/** What every client of ours is told to do (spec/coordination.md §4.3): start without us, and leave the vendor's hosts alone. */
const ownAttributes = ['cache-network-maps', 'disable-captive-portal-detection'] as const

/** Without a disco key a client takes a peer for none at all, DERP included: it is not announced before (spec/coordination.md, trap 6). */
export function isAnnounced({ discoKey }: NetNode): boolean {
  return discoKey !== '' && !isZeroKey(discoKey)
}

/** It relays, or may: clients must learn of its home in a way that reaches their relay candidates (trap 26). */
export function mayRelay({ kind, relayUp, facts }: NetNode): boolean {
  return kind === 'agent' || relayUp || facts.peerRelay === true
}

interface Wire {
  readonly domain: string
  readonly node: WireNode
}

/** Of each node once, so that what did not change is the same object in every message. Bounded: gone with the node. */
const peers = new WeakMap<NetNode, Wire>()

/** A node as others are told of it. */
export function wirePeer(node: NetNode, domain: string): WireNode {
  const known = peers.get(node)
  if (known?.domain === domain) return known.node
  const made = makePeer(node, domain)
  peers.set(node, { domain, node: made })
  return made
}

function makePeer(node: NetNode, domain: string): WireNode {
  const { endpoints, online, lastSeen } = node
  return {
    ...common(node, domain), DiscoKey: node.discoKey,
    ...(endpoints.length > 0 && { Endpoints: [...endpoints] }),
    Online: online,
    ...(!online && lastSeen !== undefined && { LastSeen: goTime(lastSeen) }),
    // Who is not approved is nobody's peer.
    MachineAuthorized: true,
    ...(node.attributes !== undefined && { CapMap: capMapOf(node.attributes) }),
  }
}

/** A node as it itself is told of it: what others reach it by is not in it, or each change would be sent back to whom it came from. */
export function wireSelf(node: NetNode, domain: string): WireNode {
  return {
    ...common(node, domain), Machine: node.facts.machineKey,
    ...(isAnnounced(node) && { DiscoKey: node.discoKey }),
    ...(node.authorized && { MachineAuthorized: true as const }),
    CapMap: capMapOf([...new Set([...ownAttributes, ...(node.attributes ?? [])])].toSorted()),
  }
}

function capMapOf(attributes: readonly string[]): CapMap {
  return Object.fromEntries(attributes.map((name) => [name, null]))
}

/** Its addresses as it and others are told of them. */
export function toldAddresses({ addresses, withoutIPv4 }: NetNode): string[] {
  return addresses.filter((address) => withoutIPv4 === undefined || address.includes(':'))
}

function common(node: NetNode, domain: string): Omit<WireNode, 'Machine' | 'DiscoKey' | 'Endpoints' | 'Online' | 'LastSeen' | 'MachineAuthorized' | 'CapMap'> {
  const { facts, routes } = node
  const addresses = toldAddresses(node).map((address) => `${address}/${address.includes(':') ? 128 : 32}`)
  const subnets = routes.filter((route) => !route.endsWith('/0'))
  return {
    ID: node.id, StableID: node.stableId, Name: `${node.name}.${domain}.`, User: facts.user.id, Key: node.nodeKey,
    ...(node.keyExpiry !== undefined && { KeyExpiry: goTime(node.keyExpiry) }),
    Addresses: addresses, AllowedIPs: [...addresses, ...routes],
    ...(node.homeDerp > 0 && { HomeDERP: node.homeDerp }),
    Hostinfo: hostinfo(node), Created: goTime(facts.createdAt),
    ...(node.capVersion > 0 && { Cap: node.capVersion }),
    ...(node.tags.length > 0 && { Tags: [...node.tags] }),
    ...(subnets.length > 0 && { PrimaryRoutes: subnets }),
  }
}

/** Nothing else of it leaves: log ids, models and serials are private (§4.4). */
function hostinfo({ facts: { hostname, os, services, peerRelay } }: NetNode): PeerHostinfo {
  return {
    ...(hostname !== '' && { Hostname: hostname }), ...(os !== '' && { OS: os }),
    ...(services.length > 0 && { Services: services.map(({ Proto, Port }) => ({ Proto, Port })) }),
    ...(peerRelay === true && { PeerRelay: true as const }),
  }
}
