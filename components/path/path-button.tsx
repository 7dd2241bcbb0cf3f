'use client'
import { Route } from 'lucide-react'
import Link from 'next/link'
import { useState } from 'react'
import { useBlocked } from '../settings/blocked.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { PathResult } from './path-result.tsx'
import { PathWaiting } from './path-waiting.tsx'
import { usePathCheck } from './use-path-check.ts'

interface End {
  readonly id: number
  readonly name: string
}

/** Asks one of a pair for its path to the other. */
export function PathButton({ a, b }: { readonly a: End; readonly b: End }) {
  const [open, setOpen] = useState(false)
  const { ask, path, error, isPending } = usePathCheck()
  const blocked = useBlocked()
  const again = () => ask({ id: a.id, peerId: b.id })
  return (
    <>
      <IconButton
        size="small"
        icon={Route}
        label={blocked ?? `Check the path of ${a.name} and ${b.name}`}
        disabled={blocked !== undefined}
        onClick={() => {
          setOpen(true)
          again()
        }}
      />
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={`Path of ${a.name} and ${b.name}`}
        actions={<><Button variant="plain" onClick={() => setOpen(false)}>Close</Button><Button action busy={isPending} onClick={again}>Check again</Button></>}
      >
        {isPending ? <PathWaiting name="one of the two" /> : error ? <ErrorNote error={error} /> : path ? <PathResult path={path} /> : null}
        <p className="mt-3 text-12 text-muted-foreground"><Link className="link" href={`/access?tool=simulate&from=${a.id}&to=${b.id}`}>Simulate the two</Link> to see what the policy lets them do.</p>
      </Dialog>
    </>
  )
}
