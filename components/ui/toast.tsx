'use client'
import { describeError } from './error-note.tsx'

/** Said once, at the foot of the page; `undo` for what can be taken back. */
export function say(text: string, undo?: () => void): void {
  void import('sonner').then(({ toast }) => toast(text, undo ? { action: { label: 'Undo', onClick: undo } } : {}))
}

/** What went wrong, and what to do about it. */
export function sayError(error: unknown): void {
  const { text, fix } = describeError(error)
  void import('sonner').then(({ toast }) => toast.error(text, fix ? { description: fix } : {}))
}
