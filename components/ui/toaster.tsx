'use client'
import { Toaster as Sonner } from 'sonner'

export function Toaster() {
  return (
    <Sonner
      position="bottom-right"
      visibleToasts={3}
      style={{ fontFamily: 'inherit' }}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast: 'flex w-[356px] max-w-full items-start gap-2.5 rounded-control border bg-raised px-3 py-2.5 text-13 text-foreground shadow-pop',
          content: 'min-w-0 flex-1',
          description: 'text-12 text-muted-foreground',
          icon: 'mt-0.5',
          error: 'border-critical text-critical [&_[data-description]]:text-muted-foreground',
          actionButton: 'h-6 shrink-0 rounded-[5px] border bg-surface px-2 text-12 font-medium text-foreground hover:bg-muted',
        },
      }}
    />
  )
}
