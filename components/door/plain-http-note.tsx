import { Note } from '../ui/error-note.tsx'

/** Said where a password would cross a network in the clear. */
export function PlainHttpNote() {
  return (
    <Note tone="warning">
      This page is served over plain HTTP. Your password can be read on the way. Start with <code className="whitespace-nowrap">--acme NAME</code>, or{' '}
      <code className="whitespace-nowrap">--tls-cert</code> and <code className="whitespace-nowrap">--tls-key</code>, or put a proxy with HTTPS in front and give
      its address as <code className="whitespace-nowrap">--public-url</code>.
    </Note>
  )
}
