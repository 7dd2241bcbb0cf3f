import { z } from 'zod'
import { relayStatusSchema, type ChannelView, type RelayStatus } from '../protocol/channel/index.ts'
import { waitsText } from './channel/machine.ts'
import type { LiveSession } from './relay/index.ts'
import { formatAddrPort } from '../lib/addr-port.ts'
import { agentVersion } from './version.ts'

const sessionSchema = z.object({
  key: z.string(),
  vni: z.number().int(),
  clients: z.array(z.object({ name: z.string(), bound: z.string() })),
  openedAt: z.number(),
  draining: z.boolean(),
})

/** What `/status` answers and `status --json` prints. */
export const localStatusSchema = z.object({
  version: z.string(),
  pid: z.number().int(),
  uptimeMs: z.number(),
  server: z.string(),
  connected: z.boolean(),
  /** Why the control plane does not take this machine, and what to do. */
  refused: z.string().optional(),
  name: z.string().optional(),
  /** That it waits for approval, and what to do; absent: it takes part in the network. */
  waits: z.string().optional(),
  addresses: z.array(z.string()),
  revision: z.number().int(),
  derp: z.object({ region: z.number().int(), connected: z.boolean() }),
  /** Whether the control plane wants this machine to relay. */
  advertised: z.boolean(),
  relay: relayStatusSchema,
  sessions: z.array(sessionSchema),
})
export type LocalStatus = z.infer<typeof localStatusSchema>

export interface LocalStatusInputs {
  readonly server: string
  readonly connected: boolean
  readonly refusal: string | undefined
  readonly name: string | undefined
  /** Whether somebody has yet to approve it. */
  readonly isWaiting: boolean
  readonly view: ChannelView | undefined
  readonly revision: number
  readonly relay: RelayStatus
  readonly sessions: readonly LiveSession[]
  readonly derp: { readonly region: number; readonly connected: boolean }
  readonly uptimeMs: number
}

export function localStatus(inputs: LocalStatusInputs): LocalStatus {
  const { refusal, name, isWaiting, view, sessions, ...rest } = inputs
  return {
    version: agentVersion,
    pid: process.pid,
    ...rest,
    ...(refusal !== undefined && { refused: refusal }),
    ...(name !== undefined && { name }),
    ...(isWaiting && { waits: waitsText }),
    addresses: view?.self.addresses ?? [],
    advertised: view?.relay?.advertised ?? false,
    sessions: sessions.map(({ key, vni, clients, bound, openedAt, draining }) => ({
      key, vni, openedAt, draining,
      clients: clients.map((client, leg) => {
        const at = bound[leg]
        return { name: client.name, bound: at ? formatAddrPort(at) : '' }
      }),
    })),
  }
}
