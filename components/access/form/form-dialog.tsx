'use client'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import type { FieldProblem } from '../model/field-problem.ts'

type Props = {
  readonly title: string
  readonly wide?: boolean
  /** What the button does, in words. */
  readonly verb: string
  readonly readOnly?: boolean
  /** Whether something would be lost by closing it. */
  readonly changed: boolean
  /** What is wrong, in the order of the fields. */
  readonly problems: readonly FieldProblem[]
  /** At the left of the buttons. */
  readonly aside?: ReactNode
  /** Takes the changes over; false: something is wrong with them. */
  readonly onDone: () => boolean
  readonly onClose: () => void
  readonly children: ReactNode
}

/** A field that has an error, or an error that belongs to several fields. */
const badOnes = '[aria-invalid=true], [data-bad]'

/** A form that changes the draft's text: it goes to the first field that is wrong, and asks before what was filled in is lost. */
export function FormDialog({ title, wide = false, verb, readOnly = false, changed, problems, aside, onDone, onClose, children }: Props) {
  const [presses, setPresses] = useState(0)
  const [isClosing, setClosing] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const isSeeking = useRef(false)
  const before = useRef<HTMLElement>(null)
  const [first] = problems

  // After any render: errors are worked out a moment after the button was pressed.
  useEffect(() => {
    const bad = isSeeking.current ? form.current?.querySelector<HTMLElement>(badOnes) : undefined
    if (!bad) return
    isSeeking.current = false
    bad.focus()
    bad.scrollIntoView({ block: 'center' })
  })

  function done(): void {
    setPresses(presses + 1)
    isSeeking.current = !onDone()
  }

  function close(): void {
    if (readOnly || !changed) return onClose()
    if (isClosing) return
    before.current = document.activeElement instanceof HTMLElement ? document.activeElement : null
    setClosing(true)
  }

  function keep(): void {
    setClosing(false)
    before.current?.focus()
  }

  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (open) return
        if (isClosing) keep()
        else close()
      }}
      wide={wide}
      title={title}
      description={readOnly ? 'You may read the policy.' : 'Changes the draft. Nothing is in force before the policy is saved.'}
      actions={readOnly ? <Button onClick={onClose}>Close</Button> : isClosing ? <Closing onKeep={keep} onDiscard={onClose} /> : (
        <>
          {presses > 0 && first !== undefined && <p className="basis-full text-right text-12 text-critical">{first.label}: {first.reason}</p>}
          {aside}
          <Button variant="plain" onClick={close}>Cancel</Button>
          <Button variant="primary" onClick={done}>{verb}</Button>
        </>
      )}
    >
      <form ref={form} onSubmit={(event) => { event.preventDefault(); done() }}>{children}</form>
    </Dialog>
  )
}

/** Asks in the dialog itself, at its buttons. */
function Closing({ onKeep, onDiscard }: { readonly onKeep: () => void; readonly onDiscard: () => void }) {
  const keep = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    // A press outside takes the focus away after this.
    const frame = requestAnimationFrame(() => keep.current?.focus())
    return () => cancelAnimationFrame(frame)
  }, [])
  return (
    <fieldset aria-label="Discard the changes" className="m-0 flex w-full min-w-0 border-0 p-0 flex-wrap items-center justify-end gap-2">
      <p role="alert" className="mr-auto text-13">Discard the changes of this form?</p>
      <Button ref={keep} onClick={onKeep}>Keep editing</Button>
      <Button variant="danger" onClick={onDiscard}>Discard</Button>
    </fieldset>
  )
}
