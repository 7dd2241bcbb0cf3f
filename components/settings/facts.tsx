import type { ReactNode } from 'react'
import { CopyButton } from '../ui/copy.tsx'

/** What is known of one thing: labels and values, a row each. */
export function Facts({ children }: { readonly children: ReactNode }) {
  return <dl className="text-13">{children}</dl>
}

export function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div className="grid grid-cols-[minmax(0,2fr)_minmax(0,3fr)] items-center gap-3 border-t px-4 py-[7px] first:border-t-0">
      <dt className="text-muted-foreground">{label}</dt>
      <dd className="m-0 min-w-0 break-words">{children}</dd>
    </div>
  )
}

/** An identifier, cut to its head; the whole of it on hover and by the button. */
export function Identifier({ text, what, chars = 18 }: { readonly text: string; readonly what: string; readonly chars?: number }) {
  return (
    <span className="flex min-w-0 items-center gap-1">
      <code className="truncate text-12" title={text}>{text.length > chars ? `${text.slice(0, chars)}…` : text}</code>
      <CopyButton text={text} what={what} />
    </span>
  )
}
