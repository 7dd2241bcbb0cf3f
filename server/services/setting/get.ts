import { z } from 'zod'
import type { Db } from '../../db/client.ts'
import { authorise, type Actor } from '../actor.ts'
import type { ServiceContext } from '../context.ts'
import type { Settings } from './shape.ts'

export const defaultNetworkName = 'Towpath'
export const defaultDerpMbitPerClient = 20

/** What is stored, each under its own key; whatever does not parse counts as not set. */
const stored = {
  networkName: z.string().min(1).catch(defaultNetworkName),
  derpMbitPerClient: z.number().positive().catch(defaultDerpMbitPerClient),
  machineApproval: z.boolean().catch(false),
} as const
export type StoredSettings = { readonly [Key in keyof typeof stored]: z.infer<(typeof stored)[Key]> }

export async function readSettings(db: Pick<Db, 'setting'>): Promise<StoredSettings> {
  const rows = new Map((await db.setting.findMany({ where: { key: { in: Object.keys(stored) } } })).map(({ key, value }) => [key, value]))
  return {
    networkName: stored.networkName.parse(rows.get('networkName')),
    derpMbitPerClient: stored.derpMbitPerClient.parse(rows.get('derpMbitPerClient')),
    machineApproval: stored.machineApproval.parse(rows.get('machineApproval')),
  }
}

export async function getNetworkName(db: Pick<Db, 'setting'>): Promise<string> {
  return (await readSettings(db)).networkName
}

/** Bits a second that one client may send over our DERP. `setting.changed` with the key `derpMbitPerClient` says that it is another. */
export async function getDerpBitsPerClient(db: Pick<Db, 'setting'>): Promise<number> {
  return Math.round((await readSettings(db)).derpMbitPerClient * 1_000_000)
}

/** Why the address that others are told does not serve them; empty: it does. */
export function publicUrlWarning({ server }: Pick<ServiceContext, 'server'>): string {
  return server.isLoopbackOnly
    ? `Only this machine reaches ${server.publicUrl}: for machines elsewhere, start with --public-url and an address that they reach`
    : ''
}

export async function getSettings(ctx: ServiceContext, actor: Actor): Promise<Settings> {
  authorise(actor, 'settings:read')
  const { networkName, derpMbitPerClient, machineApproval } = await readSettings(ctx.db)
  const { server } = ctx
  const [derp, tls] = [server.derp(), server.tls()]
  return {
    networkName,
    machineApproval,
    publicUrl: server.publicUrl,
    publicUrlWarning: publicUrlWarning(ctx),
    joinUrl: server.joinUrl,
    joinWarning: server.joinWarning,
    tls: tls && { ...tls, names: [...tls.names] },
    derp: {
      host: derp?.host ?? '', port: derp?.port ?? 0, pin: derp?.pin ?? '', certificateExpires: derp?.certificateExpires ?? new Date(0),
      ownCertificate: derp?.ownCertificate ?? true, clients: derp?.clients ?? 0, bitsPerClient: Math.round(derpMbitPerClient * 1_000_000),
      drops: [...(derp?.drops ?? [])], closed: [...(derp?.closed ?? [])],
    },
    stun: { port: server.stunPort, drops: [...(derp?.stunDrops ?? [])] },
    database: server.database,
    version: server.version,
  }
}
