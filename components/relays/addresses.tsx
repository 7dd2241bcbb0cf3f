import type { RelayRow } from '../../server/trpc/types.ts'
import { None } from '../ui/figures.tsx'

export const sourceWords: Readonly<Record<RelayRow['addresses'][number]['source'], string>> = {
  interface: 'on an interface', stun: 'seen from outside by STUN', static: 'set by hand',
}

/** What it advertises; at most `most`, with the rest as a count. */
export function AddressList({ addresses, most = 2 }: { readonly addresses: RelayRow['addresses']; readonly most?: number }) {
  if (addresses.length === 0) return <None />
  const shown = addresses.slice(0, most)
  const rest = addresses.slice(most)
  return (
    <ul className="dim font-mono text-12 leading-[18px] tracking-[-0.015em]">
      {shown.map(({ address, source }) => <li key={address} title={sourceWords[source]} className="whitespace-nowrap">{address}</li>)}
      {rest.length > 0 && <li className="font-sans text-muted-foreground" title={rest.map(({ address }) => address).join('\n')}>and {rest.length} more</li>}
    </ul>
  )
}
