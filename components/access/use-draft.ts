'use client'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { PolicyDocument } from '../../server/trpc/types.ts'

type Stored = { readonly base: PolicyDocument; readonly text: string }
/** In memory for as long as the dashboard is open, so that looking at another page loses nothing. */
const draftKey = ['policy-draft'] as const

export type Draft = {
  /** The saved version that the draft began with. */
  readonly base: PolicyDocument
  readonly text: string
  readonly changed: boolean
  /** A version that somebody saved meanwhile, while the draft differs from its own. */
  readonly theirs: PolicyDocument | undefined
  readonly setText: (text: string) => void
  readonly discard: () => void
  /** The draft goes on from the version now in force: saving puts the draft over it. */
  readonly keepMine: () => void
  /** The draft and the version now in force, put together: saving goes on from that version. */
  readonly merge: (text: string) => void
  /** The draft is dropped for a version: theirs, or the one just saved. */
  readonly take: (document: PolicyDocument) => void
}

/** The text being edited, against the version in force. An untouched draft follows that version by itself. */
export function useDraft(inForce: PolicyDocument): Draft {
  const queryClient = useQueryClient()
  const [{ base, text }, setDraft] = useState<Stored>(() => queryClient.getQueryData<Stored>(draftKey) ?? { base: inForce, text: inForce.text })
  const changed = text !== base.text
  const moved = inForce.version > base.version
  if (moved && (!changed || text === inForce.text)) setDraft({ base: inForce, text: inForce.text })

  useEffect(() => {
    queryClient.setQueryDefaults(draftKey, { gcTime: Number.POSITIVE_INFINITY })
    if (changed) queryClient.setQueryData<Stored>(draftKey, { base, text })
    else queryClient.removeQueries({ queryKey: draftKey })
  }, [queryClient, base, text, changed])

  useEffect(() => {
    if (!changed) return
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault()
    window.addEventListener('beforeunload', warn)
    return () => window.removeEventListener('beforeunload', warn)
  }, [changed])

  return {
    base,
    text,
    changed,
    theirs: moved && changed ? inForce : undefined,
    setText: (next) => setDraft({ base, text: next }),
    discard: () => setDraft({ base: inForce, text: inForce.text }),
    keepMine: () => setDraft({ base: inForce, text }),
    merge: (merged) => setDraft({ base: inForce, text: merged }),
    take: (document) => setDraft({ base: document, text: document.text }),
  }
}
