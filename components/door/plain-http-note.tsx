import { Note } from '../ui/error-note.tsx'

/** Said where a password would cross a network in the clear. */
export function PlainHttpNote() {
  return (
    <Note tone="warning">
      This page is served over plain HTTP. Your password can be read on the way. Put a reverse proxy with HTTPS in front and start with{' '}
      <code className="whitespace-nowrap">--public-url https://…</code>
    </Note>
  )
}
