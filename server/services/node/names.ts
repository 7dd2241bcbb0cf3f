import { toHex } from '../../../lib/bytes.ts'
import type { RandomBytes } from '../../../lib/clock.ts'
import type { Tx } from '../../db/client.ts'

const maxLabel = 63

/** A DNS label of a name that was asked for or of a host's own: lower-case letters, digits and hyphens. */
export function labelOf(text: string): string {
  const label = (text.trim().toLowerCase().split('.')[0] ?? '').replaceAll(/[^a-z0-9-]+/g, '-').replaceAll(/^-+|-+$/g, '').slice(0, maxLabel).replace(/-+$/, '')
  return label === '' ? 'machine' : label
}

/** What a machine is known by for good, whatever it is called; never used again. */
export function newStableId(random: RandomBytes): string {
  return `n${toHex(random(8))}`
}

/** The label, or with `-1`, `-2`, … behind it when another machine has it. Within `lockNodes`. */
export async function uniqueName(tx: Tx, label: string): Promise<string> {
  const rows = await tx.node.findMany({ where: { name: { startsWith: label.slice(0, maxLabel - 7) } }, select: { name: true } })
  const taken = new Set(rows.map(({ name }) => name))
  for (let number = 0; ; number++) {
    const suffix = number === 0 ? '' : `-${number}`
    const name = `${label.slice(0, maxLabel - suffix.length).replace(/-+$/, '')}${suffix}`
    if (!taken.has(name)) return name
  }
}
