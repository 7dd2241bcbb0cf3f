'use client'
import { Tooltip as Radix } from 'radix-ui'
import type { ReactNode } from 'react'

/** `children` is one element that can be focused; `text` is only more of what it already says. */
export function Tooltip({ text, side = 'top', children }: { readonly text: ReactNode; readonly side?: 'top' | 'right' | 'bottom' | 'left'; readonly children: ReactNode }) {
  return (
    <Radix.Provider delayDuration={300}>
      <Radix.Root>
        <Radix.Trigger asChild>{children}</Radix.Trigger>
        <Radix.Portal>
          <Radix.Content side={side} sideOffset={6} collisionPadding={8} className="z-50 max-w-80 rounded-control border bg-raised px-2.5 py-1.5 text-12 shadow-pop">{text}</Radix.Content>
        </Radix.Portal>
      </Radix.Root>
    </Radix.Provider>
  )
}
