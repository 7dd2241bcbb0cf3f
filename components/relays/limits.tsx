import Link from 'next/link'
import type { Limit } from '../../server/trpc/types.ts'

/** What limits a client on a relay. `withLines`: each with links to the policy's lines that say so. */
export function Limits({ limits, withLines = false }: { readonly limits: readonly Limit[]; readonly withLines?: boolean }) {
  if (limits.length === 0) return null
  return (
    <ul className="m-0 grid list-none gap-0.5 p-0 text-12 text-muted-foreground" aria-label="Limits">
      {limits.map(({ words, note, lines }) => (
        <li key={words}>
          {words.slice(0, 1).toUpperCase()}{words.slice(1)}{note === '' ? '' : ` (${note})`}
          {withLines && lines.map((line, i) => <span key={line}>{i === 0 ? ', from ' : ', '}<Link className="link whitespace-nowrap" href={`/access?line=${line}`}>line {line}</Link></span>)}
        </li>
      ))}
    </ul>
  )
}
