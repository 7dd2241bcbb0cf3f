import type { z } from 'zod'
import type { NetworkNames } from '../../../netmap/index.ts'
import type { Tx } from '../../db/client.ts'
import { TowpathError } from '../../errors/index.ts'
import { authorise, type Actor } from '../actor.ts'
import { changedValues, withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { lockSettings } from '../node/tables.ts'
import { checkedNames } from './check.ts'
import { getDns } from './get.ts'
import { saveDnsSchema, type DnsPage } from './shape.ts'
import { dnsSettingKey, flatNames, readNames } from './stored.ts'

type DnsContext = Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'network'>

/** Replaces all of it; every client is told at once. Another domain renames every machine. Throws `invalid` or `conflict` with the field. */
export async function saveDns(ctx: DnsContext, actor: Actor, input: z.input<typeof saveDnsSchema>): Promise<DnsPage> {
  authorise(actor, 'settings:write')
  const names = checkedNames(saveDnsSchema.parse(input))
  const isChanged = await withAudit(ctx, actor, async (tx, audit) => {
    await lockSettings(tx)
    await assertFreeNames(tx, names)
    const next = flatNames(names)
    const change = changedValues(flatNames(await readNames(tx)), next)
    if (Object.keys(change.after).length === 0) return false
    await tx.setting.upsert({ where: { key: dnsSettingKey }, create: { key: dnsSettingKey, value: next }, update: { value: next } })
    audit({ action: 'dns.save', target: { kind: 'network', id: 'dns', name: names.domain }, ...change })
    return true
  })
  if (isChanged) {
    ctx.bus.publish('setting.changed', { key: dnsSettingKey })
    await ctx.network.settled()
  }
  return getDns(ctx, actor)
}

/** A machine answers to its name alone: a record of the same name would give it a second address. */
async function assertFreeNames(tx: Tx, { domain, dns }: NetworkNames): Promise<void> {
  const below = `.${domain}`
  const labels = dns.records.flatMap(({ name }) => (name.endsWith(below) ? [name.slice(0, -below.length)] : []))
  const machine = labels.length === 0 ? null : await tx.node.findFirst({ where: { name: { in: labels } }, select: { name: true } })
  if (machine === null) return
  const at = dns.records.findIndex(({ name }) => name === `${machine.name}${below}`)
  throw new TowpathError({ code: 'conflict', text: `${machine.name}${below} is a machine of this network`, fix: 'Choose another name for the record, or rename that machine first', path: `records.${at}.name` })
}
