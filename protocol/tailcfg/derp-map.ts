import { z } from 'zod'

/** One DERP server (spec/coordination.md §6.2). */
export const derpNodeSchema = z.object({
  Name: z.string().min(1),
  RegionID: z.number().int().positive().max(65_535),
  HostName: z.string().min(1),
  /** Empty: the name's; `sha256-raw:<hex>`: exactly that certificate. */
  CertName: z.string().optional(),
  /** Spares a look-up; `none` disables the family. */
  IPv4: z.string().optional(),
  IPv6: z.string().optional(),
  /** 0: 3478; -1: none. */
  STUNPort: z.number().int().min(-1).max(65_535).optional(),
  STUNOnly: z.boolean().optional(),
  /** 0: 443. */
  DERPPort: z.number().int().min(0).max(65_535).optional(),
  CanPort80: z.boolean().optional(),
})
export type DerpNodeWire = z.infer<typeof derpNodeSchema>

export const derpRegionWireSchema = z.object({
  RegionID: z.number().int().positive().max(65_535),
  RegionCode: z.string(),
  RegionName: z.string(),
  Latitude: z.number().optional(),
  Longitude: z.number().optional(),
  NoMeasureNoHome: z.boolean().optional(),
  Nodes: z.array(derpNodeSchema),
})
export type DerpRegionWire = z.infer<typeof derpRegionWireSchema>

export const derpMapSchema = z.object({
  Regions: z.record(z.string(), derpRegionWireSchema),
  omitDefaultRegions: z.boolean().optional(),
})
export type DerpMapWire = z.infer<typeof derpMapSchema>
