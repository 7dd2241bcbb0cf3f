'use client'
import { toast } from 'sonner'
import { describeError } from './error-note.tsx'

/** Said once, at the foot of the page; `undo` for what can be taken back. */
export function say(text: string, undo?: () => void): void {
  toast(text, undo ? { action: { label: 'Undo', onClick: undo } } : {})
}

/** What went wrong, and what to do about it. */
export function sayError(error: unknown): void {
  const { text, fix } = describeError(error)
  toast.error(text, fix ? { description: fix } : {})
}
