import type { z } from 'zod'
import { authorise, type Actor } from '../actor.ts'
import { changedValues, withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { lockSettings } from '../node/tables.ts'
import { getSettings, readSettings } from './get.ts'
import { updateSettingsSchema, type Settings } from './shape.ts'

export async function updateSettings(ctx: ServiceContext, actor: Actor, input: z.input<typeof updateSettingsSchema>): Promise<Settings> {
  authorise(actor, 'settings:write')
  const wanted = updateSettingsSchema.parse(input)
  const changed = await withAudit(ctx, actor, async (tx, audit) => {
    await lockSettings(tx)
    const known = await readSettings(tx)
    const next = {
      networkName: wanted.networkName ?? known.networkName,
      derpMbitPerClient: wanted.derpMbitPerClient ?? known.derpMbitPerClient,
      machineApproval: wanted.machineApproval ?? known.machineApproval,
    }
    const change = changedValues(known, next)
    const keys = Object.keys(change.after)
    for (const [key, value] of Object.entries(next)) {
      if (keys.includes(key)) await tx.setting.upsert({ where: { key }, create: { key, value }, update: { value } })
    }
    if (keys.length > 0) audit({ action: 'setting.update', target: { kind: 'network', id: 'settings', name: next.networkName }, ...change })
    return keys
  })
  for (const key of changed) ctx.bus.publish('setting.changed', { key })
  return getSettings(ctx, actor)
}
