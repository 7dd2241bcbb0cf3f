'use client'
import { ArrowRight, Check, X } from 'lucide-react'
import type { PolicySimulation } from '../../../server/trpc/types.ts'
import { Icon } from '../../ui/icon.tsx'
import { Lined, LineLinks } from './lined.tsx'

type Way = PolicySimulation['ways'][number]

/** May they talk: one entry each way, with ports, lines, and what lies behind a router. */
export function Ways({ ways, onLine }: { readonly ways: readonly Way[]; readonly onLine: (line: number) => void }) {
  return (
    <ul className="m-0 grid list-none divide-y p-0">
      {ways.map((way) => (
        <li key={way.from} className="flex gap-2.5 px-4 py-2.5 text-13">
          <Icon icon={way.allowed ? Check : X} small className={`mt-[3px] shrink-0 ${way.allowed ? 'text-positive' : 'text-critical'}`} />
          <div className="min-w-0">
            <span className="flex flex-wrap items-center gap-1.5 font-medium">
              {way.from}<Icon icon={ArrowRight} small className="text-muted-foreground" /><span className="sr-only">to</span>{way.to}
            </span>
            <p className="text-muted-foreground"><Lined text={way.sentence} onLine={onLine} /></p>
            {way.behind.map((behind) => <Behind key={behind.route} behind={behind} router={way.to} onLine={onLine} />)}
          </div>
        </li>
      ))}
    </ul>
  )
}

function Behind({ behind: { route, by, open }, router, onLine }: { readonly behind: Way['behind'][number]; readonly router: string; readonly onLine: (line: number) => void }) {
  const ports = [...new Set(open.flatMap((one) => one.ports))].map((text) => (text === '*' ? 'any port' : text)).join(', ')
  return (
    <p className="mt-1 text-muted-foreground">
      Behind {router}, <span className="font-mono text-12 text-foreground">{route}</span>{': '}
      {open.length === 0 ? 'no grant leads there.' : (
        <>{ports} by <LineLinks lines={open.map(({ line }) => line)} onLine={onLine} />, {by === null ? 'and no machine is told to carry it.' : `through ${by.name}.`}</>
      )}
    </p>
  )
}
