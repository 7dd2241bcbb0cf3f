import { z } from 'zod'
import type { Via } from './paths.ts'

const addresses = z.array(z.string()).nullish().transform((list) => list ?? [])

const peerSchema = z.looseObject({
  ID: z.string(),
  PublicKey: z.string(),
  HostName: z.string(),
  DNSName: z.string(),
  OS: z.string().optional(),
  UserID: z.number().optional(),
  TailscaleIPs: addresses,
  AllowedIPs: addresses,
  PrimaryRoutes: addresses,
  Tags: addresses,
  Addrs: addresses,
  /** The direct address in use. */
  CurAddr: z.string().optional(),
  /** The code of its home region. */
  Relay: z.string().optional(),
  /** `ADDRESS:PORT:vni:N` of the relay in use. */
  PeerRelay: z.string().optional(),
  RxBytes: z.number(),
  TxBytes: z.number(),
  Online: z.boolean(),
  ExitNode: z.boolean().optional(),
  ExitNodeOption: z.boolean().optional(),
  Active: z.boolean().optional(),
  Expired: z.boolean().optional(),
  KeyExpiry: z.string().optional(),
})

/** What `tailscale status --json` says, as far as tests look; the rest is there, unread. */
export const statusSchema = z.looseObject({
  Version: z.string(),
  BackendState: z.enum(['NoState', 'NeedsLogin', 'NeedsMachineAuth', 'Stopped', 'Starting', 'Running', 'InUseOtherUser']),
  HaveNodeKey: z.boolean().optional(),
  AuthURL: z.string(),
  TailscaleIPs: addresses,
  Self: peerSchema.nullish(),
  Health: addresses,
  MagicDNSSuffix: z.string().optional(),
  Peer: z.record(z.string(), peerSchema).nullish().transform((peers) => peers ?? {}),
  User: z.record(z.string(), z.looseObject({ LoginName: z.string(), DisplayName: z.string() })).nullish(),
})
export type ClientStatus = z.infer<typeof statusSchema>
export type ClientPeer = z.infer<typeof peerSchema>

/** A peer by the first label of its name, or by an address; undefined: the client knows none. */
export function findPeer({ Peer }: ClientStatus, name: string): ClientPeer | undefined {
  return Object.values(Peer).find(({ DNSName, HostName, TailscaleIPs }) => (DNSName.split('.')[0] || HostName) === name || TailscaleIPs.includes(name))
}

/** The path to a peer as the daemon has it now; undefined: none yet. */
export function pathOf(peer: ClientPeer | undefined): Via | undefined {
  if (peer?.PeerRelay) return 'peer-relay'
  if (peer?.CurAddr) return 'direct'
  return peer?.Relay ? 'derp' : undefined
}
