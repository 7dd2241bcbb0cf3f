import type { ReactNode } from 'react'

/** Nothing here yet: what it is, and the next step, at the top left. */
export function EmptyState({ title, action, children }: { readonly title: ReactNode; readonly action?: ReactNode; readonly children?: ReactNode }) {
  return (
    <div className="grid justify-items-start gap-1 px-4 py-5">
      <p className="text-14 font-medium">{title}</p>
      {children && <div className="max-w-[72ch] text-13 text-muted-foreground">{children}</div>}
      {action && <div className="mt-2">{action}</div>}
    </div>
  )
}
