'use client'
import { skipToken, useQuery } from '@tanstack/react-query'
import { useId } from 'react'
import type { PolicyDocument, PolicyVersionRow } from '../../server/trpc/types.ts'
import { useTRPC } from '../live/trpc.ts'
import { Button } from '../ui/button.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { Select } from '../ui/field.tsx'
import { Panel } from '../ui/panel.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { DiffView } from './diff-view.tsx'

type Props = {
  readonly version: number
  /** Undefined: the version before it. */
  readonly against: number | undefined
  /** To choose from. */
  readonly known: readonly PolicyVersionRow[]
  readonly onAgainst: (version: number | undefined) => void
  readonly onClose: () => void
  readonly onRestore: ((version: PolicyDocument) => void) | undefined
}

/** One version against the one before it, or against any other. */
export function VersionDiff({ version, against, known, onAgainst, onClose, onRestore }: Props) {
  const id = useId()
  const shown = useVersion(version)
  const previous = shown.data?.previous ?? undefined
  const other = against ?? previous
  const base = useVersion(other)
  const failed = shown.error ?? base.error
  const choices = known.map((row) => row.version).filter((one) => one !== version && one !== previous)
  return (
    <Panel
      title={`Version ${version}`}
      beside={(
        <span className="flex items-center gap-2 text-12 text-muted-foreground">
          <label htmlFor={id}>against</label>
          <span className="w-36"><Select id={id} value={against ?? ''} onChange={({ target }) => onAgainst(target.value === '' ? undefined : Number(target.value))}>
            <option value="">{previous === undefined ? 'nothing before' : `${previous}, before it`}</option>
            {choices.map((one, at) => <option key={one} value={one}>{at === 0 && one === known[0]?.version ? `${one}, in force` : one}</option>)}
          </Select></span>
        </span>
      )}
      aside={(
        <>
          {onRestore !== undefined && <Button size="small" disabled={shown.data === undefined} onClick={() => shown.data && onRestore(shown.data)}>Restore as draft</Button>}
          <Button size="small" variant="plain" onClick={onClose}>Close</Button>
        </>
      )}
    >
      {failed ? <div className="p-3"><ErrorNote error={failed} what="The version could not be read." retry={() => void Promise.all([shown.refetch(), base.refetch()])} /></div>
        : shown.data === undefined || (other !== undefined && base.data === undefined) ? <SkeletonRows rows={3} compact />
          : <DiffView before={base.data?.text ?? ''} after={shown.data.text} label={`What version ${version} changed`} />}
    </Panel>
  )
}

/** One version is read whole only when somebody looks at it; it never changes. None is asked for under a key of its own, so that it is never another's text. */
function useVersion(version: number | undefined) {
  const trpc = useTRPC()
  return useQuery({ ...trpc.policy.version.queryOptions(version === undefined ? skipToken : { version }), staleTime: Number.POSITIVE_INFINITY })
}
