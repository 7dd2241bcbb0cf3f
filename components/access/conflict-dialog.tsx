'use client'
import { useMemo, useState } from 'react'
import type { PolicyDocument } from '../../server/trpc/types.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { RelativeTime } from '../ui/figures.tsx'
import { ConflictChoices } from './conflict-choices.tsx'
import { DiffView } from './diff-view.tsx'
import { conflictsIn, mergedText, mergeTexts, type Choice } from './model/merge.ts'

type Props = {
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
  readonly theirs: PolicyDocument
  readonly mine: string
  readonly base: PolicyDocument
  readonly onMerge: (text: string) => void
  readonly onTakeTheirs: () => void
  readonly onKeepMine: () => void
}

/** Somebody else saved first: their change and the draft together, or one of the two. Nothing is lost by closing it. */
export function ConflictDialog({ open, onOpenChange, ...props }: Props) {
  const { theirs, base } = props
  return (
    <Dialog
      wide
      open={open}
      onOpenChange={onOpenChange}
      title={`${theirs.author} saved version ${theirs.version} while you edited`}
      description={(
        <>
          Your draft began with version {base.version} and nothing of it is saved. Theirs is in force since <RelativeTime at={theirs.createdAt} style="clock" />
          {theirs.message !== '' && <>: “{theirs.message}”</>}.
        </>
      )}
    >
      {/* Choices are of two texts: with others they begin anew. */}
      {open && <Merge key={`${base.version} ${theirs.version} ${props.mine.length}`} {...props} onClose={() => onOpenChange(false)} />}
    </Dialog>
  )
}

function Merge({ theirs, mine, base, onMerge, onTakeTheirs, onKeepMine, onClose }: Omit<Props, 'open' | 'onOpenChange'> & { readonly onClose: () => void }) {
  const parts = useMemo(() => mergeTexts(base.text, theirs.text, mine), [base.text, theirs.text, mine])
  const conflicts = conflictsIn(parts)
  const [choices, setChoices] = useState<readonly (Choice | undefined)[]>([])
  const merged = mergedText(parts, choices)
  return (
    <>
      <h3 className="mb-1.5 text-13 font-medium">What they changed</h3>
      <div className="overflow-clip rounded-control border"><DiffView before={base.text} after={theirs.text} label="What they changed" /></div>
      {conflicts > 0
        ? <ConflictChoices parts={parts} choices={choices} onChoose={(at, choice) => setChoices(Array.from({ length: conflicts }, (_, i) => (i === at ? choice : choices[i])))} />
        : <p className="mt-3 text-13">You changed other lines than they did, so both changes go together.</p>}
      <div className="mt-4 flex flex-wrap justify-end gap-2">
        <Button variant="plain" onClick={onClose}>Keep editing</Button>
        <Button onClick={onTakeTheirs}>Discard mine, use theirs</Button>
        <Button onClick={onKeepMine}>Keep mine, save over theirs</Button>
        <Button
          variant="primary"
          {...(merged === undefined ? { disabled: true, title: 'Choose for each place first.' } : {})}
          onClick={() => merged !== undefined && onMerge(merged)}
        >
          Merge theirs into mine
        </Button>
      </div>
    </>
  )
}
