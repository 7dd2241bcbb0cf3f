'use client'
import { Check, Minus, X } from 'lucide-react'
import Link from 'next/link'
import { useState } from 'react'
import type { PolicySimulation } from '../../../server/trpc/types.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Lined, LineLinks } from './lined.tsx'

type Relay = PolicySimulation['relays'][number]
type OnLine = (line: number) => void

/** Relays that nobody of the two may use are behind a button beyond these. */
const firstShown = 4

/** Which relays they may use, which are asked, and by which lines. */
export function Relays({ simulation: { relays, expected }, onLine }: { readonly simulation: PolicySimulation; readonly onLine: OnLine }) {
  const [all, setAll] = useState(false)
  const usable = relays.filter(({ asks }) => asks.some(({ allowed }) => allowed)).length
  const shown = all ? relays : relays.slice(0, Math.max(usable, firstShown))
  if (relays.length === 0) return <EmptyState title="There is no relay besides the two.">Turn one on in <Link className="link" href="/relays">Relays</Link>.</EmptyState>
  return (
    <>
      <ul className="m-0 grid list-none divide-y p-0">{shown.map((relay) => <RelayEntry key={relay.id} relay={relay} isExpected={relay.id === expected.relayId} onLine={onLine} />)}</ul>
      {shown.length < relays.length && <div className="border-t px-2 py-1.5"><Button size="small" variant="plain" onClick={() => setAll(true)}>{`Show ${relays.length - shown.length} more that neither may use`}</Button></div>}
    </>
  )
}

function RelayEntry({ relay: { id, name, isUp, isAsked, asks }, isExpected, onLine }: { readonly relay: Relay; readonly isExpected: boolean; readonly onLine: OnLine }) {
  const isAllowed = asks.some(({ allowed }) => allowed)
  return (
    <li className="flex gap-2.5 px-4 py-2.5 text-13">
      <Icon icon={isAsked ? Check : isAllowed ? Minus : X} small className={`mt-[3px] shrink-0 ${isAsked ? 'text-positive' : isAllowed ? 'text-muted-foreground' : 'text-critical'}`} />
      <div className="min-w-0 flex-1">
        <span className="flex flex-wrap items-baseline justify-between gap-x-3">
          <Link href={`/relays/${id}`} className="font-medium hover:underline">{name}</Link>
          <span className="text-12 text-muted-foreground">{isExpected ? <b className="font-medium text-foreground">asked, expected to win</b> : isAsked ? 'asked' : isAllowed ? (isUp ? 'not asked' : 'not up') : 'not granted'}</span>
        </span>
        {asks.map((ask) => (
          <p key={ask.end} className="text-muted-foreground">
            <Lined text={ask.sentence} onLine={onLine} />
            {ask.limits.length > 0 && <span className="block text-12">{ask.limits.map(({ words, lines }, at) => <span key={words}>{at > 0 && '; '}{words} by <LineLinks lines={lines} onLine={onLine} /></span>)}</span>}
          </p>
        ))}
      </div>
    </li>
  )
}
