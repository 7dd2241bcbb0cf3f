import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FilterRule } from '../../policy/index.ts'
import { type Chunks, chunksDelta, chunksOf } from './filters.ts'

const sources = fc.uniqueArray(fc.integer({ min: 1, max: 80 }), { maxLength: 60 }).map((ids) => ids.map((id) => `100.64.0.${id}`))
const targets = fc.constantFrom<Omit<FilterRule, 'SrcIPs'>>(
  { DstPorts: [{ IP: '*', Ports: { First: 0, Last: 65_535 } }] }, { DstPorts: [{ IP: '*', Ports: { First: 22, Last: 22 } }], IPProto: [6] },
  { CapGrant: [{ Dsts: ['100.64.0.1/32'], CapMap: { 'tailscale.com/cap/relay-target': null } }] }, { CapGrant: [{ Dsts: ['100.64.0.1/32'], CapMap: { 'example.com/cap/x': [1] } }] },
)
const filters = fc.array(fc.tuple(sources, targets).map(([SrcIPs, rest]): FilterRule => ({ SrcIPs, ...rest })), { maxLength: 6 })

/** Who may do what, whatever the chunks. */
function allowed(rules: readonly { readonly SrcIPs: readonly string[] }[]): string[] {
  return [...new Set(rules.flatMap(({ SrcIPs, ...rest }) => SrcIPs.map((source) => `${source} ${JSON.stringify(rest)}`)))].toSorted()
}

test('the chunks allow what the rules allow, and their difference leads from one filter to the next', () => {
  fc.assert(fc.property(fc.array(filters, { minLength: 1, maxLength: 4 }), (steps) => {
    let before: readonly FilterRule[] = []
    const client = new Map(Object.entries<Chunks[string]>(chunksOf(before)))
    for (const filter of steps) {
      for (const [name, rules] of Object.entries(chunksDelta(before, filter))) {
        if (rules === null) client.delete(name)
        else client.set(name, rules)
      }
      expect(Object.fromEntries(client)).toEqual(chunksOf(filter))
      expect(allowed([...client.values()].flatMap((rules) => rules ?? []))).toEqual(allowed(filter))
      expect(chunksDelta(filter, structuredClone(filter))).toEqual({})
      before = filter
    }
  }))
})
