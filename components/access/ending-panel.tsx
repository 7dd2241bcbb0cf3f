'use client'
import { Unplug } from 'lucide-react'
import type { PolicyDocument } from '../../server/trpc/types.ts'
import { RelativeTime } from '../ui/figures.tsx'
import { plural } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'
import { Panel } from '../ui/panel.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import type { EndingSession } from './model/saving.ts'

type Props = { readonly base: PolicyDocument; readonly ends: readonly EndingSession[] | undefined; readonly errors: number }

/** What saving does to running sessions, before it does. */
export function EndingPanel({ base, ends, errors }: Props) {
  return (
    <Panel
      title="What saving changes"
      beside={<span className="text-12 text-muted-foreground">against version {base.version}, saved by {base.author} <RelativeTime at={base.createdAt} style="clock" /></span>}
    >
      {errors > 0 ? <p className="px-4 py-3 text-13 text-muted-foreground">Known once the {errors === 1 ? 'error is' : 'errors are'} corrected.</p>
        : ends === undefined ? <SkeletonRows rows={1} compact />
          : <Endings ends={ends} />}
    </Panel>
  )
}

/** More are counted, not listed. */
const maxShown = 50

export function Endings({ ends }: { readonly ends: readonly EndingSession[] }) {
  if (ends.length === 0) return <p className="px-4 py-3 text-13">No running session ends. <span className="text-muted-foreground">Machines see their new grants within a second.</span></p>
  return (
    <div className="px-4 py-3">
      <h3 className="mb-1.5 flex items-center gap-1.5 text-13 font-medium">
        <Icon icon={Unplug} small className="text-warning" />{plural(ends.length, 'session')} {ends.length === 1 ? 'moves' : 'move'} to DERP
      </h3>
      <ul className="m-0 grid max-h-64 list-none gap-1 overflow-y-auto p-0 text-13">
        {ends.slice(0, maxShown).map((session) => (
          <li key={session.id} className="flex flex-wrap justify-between gap-x-4">
            <span>{session.a} to {session.b} <span className="text-muted-foreground">over {session.relay}</span></span>
            <span className="text-12 text-muted-foreground">{session.reason}</span>
          </li>
        ))}
      </ul>
      {ends.length > maxShown && <p className="mt-1 text-12 text-muted-foreground">and {ends.length - maxShown} more</p>}
    </div>
  )
}
