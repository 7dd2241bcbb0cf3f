import { TowpathError } from '../../errors/index.ts'
import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { machineActor, plainText } from './joining.ts'
import { machineTarget } from './row.ts'

/** What a client wants written down, such as why somebody disconnected it. */
export interface ClientAction {
  readonly nodeKey: string
  readonly action: string
  readonly details: string
}

const maxAction = 64
const maxDetails = 500

/** Writes down what a stock client says that was done on it. Throws `not-found` for a node that is unknown or another machine's. */
export async function recordClientAction(
  ctx: Pick<ServiceContext, 'db' | 'bus' | 'clock'>, caller: { readonly machineKey: string; readonly ip: string }, { nodeKey, action, details }: ClientAction,
): Promise<void> {
  const known = await ctx.db.node.findUnique({ where: { nodeKey }, select: { id: true, name: true, stableId: true, machineKey: true } })
  if (known === null || known.machineKey !== caller.machineKey) throw new TowpathError({ code: 'not-found', text: 'unknown node', fix: 'Log in' })
  await withAudit(ctx, machineActor(known.stableId, known.name, caller.ip), async (_, audit) => {
    audit({
      action: 'machine.client-action', target: machineTarget(known),
      after: { action: plainText(action).slice(0, maxAction), details: plainText(details).slice(0, maxDetails) },
    })
  })
}
