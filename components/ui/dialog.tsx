'use client'
import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { cx } from './cx.ts'
import { returnFocus } from './return-focus.ts'

/** Says what will happen before it does. `actions` at the lower right, the way out first. */
export function Dialog({ open, onOpenChange, title, description, actions, wide = false, children }: {
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
  readonly title: ReactNode
  readonly description?: ReactNode
  readonly actions?: ReactNode
  readonly wide?: boolean
  readonly children?: ReactNode
}) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-[color-mix(in_srgb,var(--foreground)_28%,transparent)] dark:bg-[rgb(0_0_0/.6)]" />
        <Radix.Content
          {...returnFocus}
          // A list that is open over the dialog closes first. Radix hears the key before the field does, which therefore cannot keep it back.
          onEscapeKeyDown={(event) => { if (event.target instanceof Element && event.target.matches('[role=combobox][aria-expanded=true]')) event.preventDefault() }}
          {...(description ? {} : { 'aria-describedby': undefined })}
          className={cx(
            'fixed top-[12vh] left-1/2 z-50 max-h-[82vh] w-[calc(100vw-32px)] -translate-x-1/2 overflow-y-auto rounded-panel border bg-raised p-5 wrap-anywhere shadow-pop',
            wide ? 'max-w-[640px]' : 'max-w-[480px]',
          )}
        >
          <Radix.Title className="text-16 font-semibold tracking-[-0.01em]">{title}</Radix.Title>
          {description && <Radix.Description asChild><div className="mt-1 text-14 text-muted-foreground">{description}</div></Radix.Description>}
          {children && <div className="mt-4">{children}</div>}
          {actions && <div className="mt-4 flex flex-wrap justify-end gap-2">{actions}</div>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
