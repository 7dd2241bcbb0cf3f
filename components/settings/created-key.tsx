'use client'
import { useState, type ReactNode } from 'react'
import { Button } from '../ui/button.tsx'
import { Command } from '../ui/copy.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Note } from '../ui/error-note.tsx'
import { OptionText } from '../ui/option-text.tsx'

interface Created {
  readonly key: string
  readonly row: { readonly tags: readonly string[] }
  readonly joinCommand: string
  readonly warning: string
  readonly clientCommand: string | null
  readonly clientWarning: string
}
type Props = { readonly created: Created; readonly onClose: () => void }

/** The key and its commands, the likelier one first, shown this once: a press beside the dialog must not lose them. */
export function CreatedKey({ created, onClose }: Props) {
  const isForRelay = created.row.tags.includes('tag:relay')
  const relay = (
    <div>
      <h3 className="mb-1.5 text-13 font-medium">A machine that is to relay: run this on it</h3>
      <Command text={created.joinCommand} what="the join command" />
      <p className="mt-1.5 text-12 text-muted-foreground">
        It needs Node 20.19 or newer and nothing else. It says what it does before it does it.
        {!isForRelay && ' This key does not give tag:relay: by the first policy nobody may use it as a relay until it has that tag.'}
      </p>
    </div>
  )
  const client = (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-1.5">
      <h3 className="text-13 font-medium">A machine with Tailscale: run this on it</h3>
      {created.clientCommand !== null && <Command text={created.clientCommand} what="the command for Tailscale" />}
      {created.clientWarning !== '' && created.clientWarning !== created.warning && <Note tone="warning"><OptionText text={created.clientWarning} />.</Note>}
    </div>
  )
  return (
    <ShownOnce title="The key is made" onClose={onClose} description="It is shown this once: only its hash is kept.">
      {created.warning !== '' && <Note tone="warning"><OptionText text={created.warning} />.</Note>}
      {isForRelay ? <>{relay}{client}</> : <>{client}{relay}</>}
      <div>
        <h3 className="mb-1.5 text-13 font-medium">The key alone</h3>
        <Command text={created.key} what="the auth key" prompt="" />
      </div>
    </ShownOnce>
  )
}

type OnceProps = { readonly title: string; readonly description: string; readonly onClose: () => void; readonly children: ReactNode }

/** A dialog with a secret in it, which closes by its button alone, or at the second try. */
export function ShownOnce({ title, description, onClose, children }: OnceProps) {
  const [asked, setAsked] = useState(false)
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => {
        if (open) return
        if (asked) onClose()
        else setAsked(true)
      }}
      title={title}
      description={description}
      actions={<Button variant="primary" onClick={onClose}>I have it, close</Button>}
    >
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        {children}
        {asked && <Note tone="warning" role="alert">Once closed, it cannot be shown again. Copy it first.</Note>}
      </div>
    </Dialog>
  )
}
