import { z } from 'zod'
import { TowpathError } from '../../errors/index.ts'
import { authorise, type Actor } from '../actor.ts'
import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { findMachine, machineTarget } from './row.ts'
import { machineIdSchema } from './shape.ts'

/** The client's own form of it; what is in it depends on its version. */
export const clientNetmapSchema = z.object({ current: z.record(z.string(), z.unknown()) })
export type ClientNetmap = z.infer<typeof clientNetmapSchema>

const timeoutMs = 20_000

/**
 * What a stock client itself makes of the map that it was sent, asked of it now (spec/coordination.md §7.2): for when a machine does not
 * see what it should. Throws `not-found`, `invalid` for a machine that is no stock client, `unavailable` or `rate-limited`.
 */
export async function readClientNetmap(ctx: Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'questions'>, actor: Actor, input: z.input<typeof machineIdSchema>): Promise<ClientNetmap> {
  authorise(actor, 'machines:write')
  const { id } = machineIdSchema.parse(input)
  const machine = await findMachine(ctx.db, id)
  if (machine.kind !== 'client') {
    throw new TowpathError({ code: 'invalid', text: `${machine.name} is no stock client`, fix: 'Only a machine that runs Tailscale has a map of its own reading', path: 'id' })
  }
  await withAudit(ctx, actor, async (_, audit) => audit({ action: 'machine.read-netmap', target: machineTarget(machine) }))
  const { status, body } = await ctx.questions.c2n(id, { method: 'GET', path: '/debug/netmap', timeoutMs })
  const answer = status === 200 ? parse(body) : undefined
  if (answer !== undefined) return answer
  throw new TowpathError({ code: 'unavailable', text: `${machine.name} does not tell its map (status ${status})`, fix: 'Update its client: 1.86 and newer do' })
}

function parse(body: string): ClientNetmap | undefined {
  try {
    return clientNetmapSchema.safeParse(JSON.parse(body)).data
  } catch {
    return undefined
  }
}
