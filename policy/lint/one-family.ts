import { formatAddress, parseAddress } from '../address.ts'
import type { PlacedSelector } from '../model.ts'
import { nodesIn, union } from './context.ts'
import type { Lint } from './model.ts'

/** One address of a machine does not bring its other one along (spec/policy.md §3.3). */
export const oneFamily: Lint = {
  code: 'one-family',
  find: (context) => context.grants.flatMap(({ written, compiled }) => {
    if (written.ip.length === 0) return []
    return compiled.dst.flatMap(({ selector }, at) => {
      const use = written.dst[at]
      if (use === undefined || !isOneAddress(use)) return []
      const [node, ...others] = nodesIn(context, context.bits(selector))
      if (node === undefined || others.length > 0) return []
      const found = context.compiled.selectors[selector]
      const family = found?.kind === 'range' ? found.range.family : 4
      const other = node.addresses.flatMap((text) => parseAddress(text) ?? []).find((address) => address.family !== family)
      if (other === undefined) return []
      // Another selector of the list may select it: then both are open.
      const rest = compiled.dst.filter((_, i) => i !== at)
      const isOpen = rest.some((one) => {
        const kind = context.compiled.selectors[one.selector]
        return kind?.kind === 'range' ? kind.range.family !== family && kind.range.first <= other.value && other.value <= kind.range.last : union(context, [one])[context.network.nodes.indexOf(node)] === 1
      })
      if (isOpen) return []
      const address = formatAddress(other)
      return [{
        span: use.place,
        message: `"${use.text}" is ${node.name} by IPv${family} alone: its IPv${family === 4 ? 6 : 4} address stays closed.`,
        ...(written.origin.list === 'acls' ? { advice: `Add ${address} too.` } : {
          fix: { label: `Add ${address}`, offset: use.place.offset + use.place.length, length: 0, replacement: `, ${JSON.stringify(address)}` },
        }),
      }]
    })
  }),
}

function isOneAddress({ selector }: PlacedSelector): boolean {
  return selector.kind === 'range' && selector.range.first === selector.range.last
}
