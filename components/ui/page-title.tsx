import type { ReactNode } from 'react'

/** The page's name, and one sentence that answers its question: the decisive words in `<b>`, the rest muted. */
export function PageTitle({ title, beside, answer, actions }: {
  readonly title: ReactNode
  readonly beside?: ReactNode
  readonly answer: ReactNode
  readonly actions?: ReactNode
}) {
  return (
    <div className="mb-4 flex min-h-13 items-start gap-4 max-card:flex-wrap max-card:gap-3">
      <div className="min-w-0 flex-1 max-card:basis-full">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h1 className="min-w-0 wrap-anywhere text-20 font-semibold tracking-[-0.016em]">{title}</h1>
          {beside}
        </div>
        <p className="mt-0.5 max-w-[84ch] text-14 text-muted-foreground [&_b]:font-medium [&_b]:text-foreground">{answer}</p>
      </div>
      {actions && <div className="ml-auto flex gap-2 pt-0.5 max-card:ml-0 max-card:w-full max-card:flex-wrap max-card:[&>:not([aria-label])]:flex-1">{actions}</div>}
    </div>
  )
}

/** What stands between the title and the content: filter, tabs, ranges. */
export function Toolbar({ children }: { readonly children: ReactNode }) {
  return <div className="mb-3 flex flex-wrap items-center gap-2">{children}</div>
}
