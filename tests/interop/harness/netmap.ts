import { z } from 'zod'
import { waitFor } from '../../e2e/harness/wait.ts'
import type { Lab } from '../../netlab/index.ts'
import type { StockClient } from './client.ts'

const texts = z.array(z.string()).nullish().transform((list) => list ?? [])

const nodeSchema = z.looseObject({
  ID: z.number(), StableID: z.string(), Name: z.string(), Key: z.string(), DiscoKey: z.string().default(''), User: z.number(),
  Addresses: texts, AllowedIPs: texts, PrimaryRoutes: texts, Endpoints: texts, Tags: texts,
  CapMap: z.record(z.string(), z.unknown()).nullish(),
  HomeDERP: z.number().default(0), Cap: z.number().default(0), Online: z.boolean().optional(), KeyExpiry: z.string().optional(), MachineAuthorized: z.boolean().optional(),
})

/** A client's map as it reads it itself, as far as tests look; the rest is there, to be compared. */
export const netmapSchema = z.looseObject({
  SelfNode: nodeSchema,
  Peers: z.array(nodeSchema).nullish().transform((list) => list ?? []),
  Domain: z.string(),
  /** What the client made of the rules, in its own form. */
  PacketFilter: z.array(z.looseObject({ Srcs: texts, Dsts: z.array(z.unknown()).nullish(), Caps: z.array(z.looseObject({ Cap: z.string(), Dst: z.string() })).nullish() })).nullish().transform((list) => list ?? []),
  /** The rules as it was told. */
  PacketFilterRules: z.array(z.looseObject({ SrcIPs: texts })).nullish().transform((list) => list ?? []),
  DERPMap: z.looseObject({ Regions: z.record(z.string(), z.looseObject({ RegionID: z.number(), RegionCode: z.string() })) }),
  DNS: z.looseObject({ Domains: texts, Proxied: z.boolean().optional(), Routes: z.record(z.string(), z.array(z.looseObject({ Addr: z.string() })).nullable()).optional() }),
  DisplayMessages: z.record(z.string(), z.looseObject({ Title: z.string() })).nullish(),
  UserProfiles: z.record(z.string(), z.looseObject({ LoginName: z.string() })),
})
export type Netmap = z.infer<typeof netmapSchema>

/** The client's own reading of its map: what all messages of its stream until now came to. Throws where it has none. */
export async function netmapOf(client: StockClient): Promise<Netmap> {
  return netmapSchema.parse(JSON.parse(await client.localApi('debug?action=current-netmap', { method: 'POST' })))
}

/** A count of the client's own; 0: it knows no such. */
async function countOf(client: StockClient, name: string): Promise<number> {
  const text = await client.localApi('metrics')
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
}

/** Messages that were all of the map: the first of each stream. */
async function firstMaps(client: StockClient): Promise<number> {
  const [all, deltas] = [await countOf(client, 'controlclient_map_response_map'), await countOf(client, 'controlclient_map_response_map_delta')]
  return all - deltas
}

/** Breaks the client's connection to the control plane, so that it begins with a map made anew; its reading of that. */
export async function freshNetmapOf(client: StockClient, lab: Lab): Promise<Netmap> {
  const before = await firstMaps(client)
  await lab.exec(client.site, ['ss', '-K', 'dport', '=', ':3000'])
  await waitFor(`${client.name} to have a fresh map`, async () => ((await firstMaps(client)) > before ? true : undefined), 15_000)
  return netmapOf(client)
}
