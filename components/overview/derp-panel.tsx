'use client'
import Link from 'next/link'
import type { DerpPair } from '../../server/trpc/types.ts'
import { derpHref } from '../sessions/derp-table.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Rate } from '../ui/figures.tsx'
import { plural } from '../ui/format.ts'
import { Panel } from '../ui/panel.tsx'

const most = 5

/** Pairs that could use a relay and do not, each with why. */
export function DerpPanel({ pairs }: { readonly pairs: readonly DerpPair[] }) {
  const granted = pairs.filter((pair) => pair.granted).toSorted((one, other) => other.rateFromA + other.rateFromB - one.rateFromA - one.rateFromB)
  const others = pairs.length - granted.length
  return (
    <Panel
      title="On DERP although a relay is granted"
      aside={granted.length > most ? <Link className="link" href="/sessions?state=derp">All {granted.length}</Link> : undefined}
      footer={others > 0 ? <>{plural(others, 'more pair')} on DERP {others === 1 ? 'has' : 'have'} no grant: <Link className="link" href="/access">see Access</Link></> : undefined}
    >
      {granted.length === 0
        ? <EmptyState title="None.">{pairs.length === 0 ? 'No pair talks over DERP now.' : 'Whoever may use a relay does.'}</EmptyState>
        : (
            <ul>
              {granted.slice(0, most).map((pair) => (
                <li key={`${pair.a.id} ${pair.b.id}`} className="flex items-center gap-3 border-t px-4 py-2 text-13 first:border-t-0">
                  <span className="min-w-0 flex-1">
                    <b className="font-medium">{pair.a.name}</b> <span className="text-muted-foreground">to</span> <b className="font-medium">{pair.b.name}</b>
                    <span className="block text-12 text-muted-foreground">{pair.why}</span>
                  </span>
                  <Rate bits={pair.rateFromA + pair.rateFromB} className="dim" />
                  <Link className="link" href={derpHref(pair)} aria-label={`Why ${pair.a.name} to ${pair.b.name} goes over DERP`}>Why</Link>
                </li>
              ))}
            </ul>
          )}
    </Panel>
  )
}
