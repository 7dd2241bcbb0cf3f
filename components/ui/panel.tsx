import type { ReactNode } from 'react'
import { useId } from 'react'
import { cx } from './cx.ts'

/** Surface, hairline, a header of 40 px: title, what stands beside it, and `aside` at the right. No icon in a title. */
export function Panel({ title, beside, aside, footer, pad = false, className, children }: {
  readonly title?: ReactNode
  readonly beside?: ReactNode
  readonly aside?: ReactNode
  readonly footer?: ReactNode
  /** Text inside rather than rows that reach the edges. */
  readonly pad?: boolean
  readonly className?: string
  readonly children: ReactNode
}) {
  const id = useId()
  return (
    <section className={cx('flex min-w-0 flex-col overflow-clip rounded-panel border bg-surface', className)} {...(title ? { 'aria-labelledby': id } : {})}>
      {title && (
        <header className="flex min-h-10 items-center gap-3 border-b px-4 max-card:flex-wrap max-card:gap-2 max-card:py-2">
          <h2 id={id}>{title}</h2>
          {beside}
          {aside && <div className="ml-auto flex items-center gap-2 text-12 text-muted-foreground max-card:flex-wrap">{aside}</div>}
        </header>
      )}
      {pad ? <div className="px-4 pt-3 pb-4">{children}</div> : children}
      {footer && <footer className="mt-auto border-t px-4 py-2.5 text-12 text-muted-foreground">{footer}</footer>}
    </section>
  )
}

/** Two columns, 8 + 4 of 12, that stack below 1200 px. */
export function Columns({ main, side, toolbar = false }: {
  readonly main: ReactNode
  readonly side: ReactNode
  /** The main column begins with a toolbar: the side one begins below it. */
  readonly toolbar?: boolean
}) {
  return (
    <div className="grid grid-cols-1 gap-4 wide:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
      <div className="grid min-w-0 content-start gap-4">{main}</div>
      <div className={cx('grid min-w-0 content-start gap-4', toolbar && 'wide:pt-11')}>{side}</div>
    </div>
  )
}
