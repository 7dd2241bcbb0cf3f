import type { ReactNode } from 'react'
import { cx } from './cx.ts'

/** A selector as it is typed: `tag:relay`. */
export function Tag({ kind, children }: { readonly kind?: 'added' | 'removed'; readonly children: ReactNode }) {
  return (
    <span
      className={cx(
        'inline-flex h-[18px] max-w-full items-center rounded-tag border px-[5px] font-mono text-12 tracking-[-0.01em] whitespace-nowrap',
        kind === 'added' ? 'border-accent bg-accent-muted text-accent' : 'bg-background',
        kind === 'removed' && 'text-muted-foreground line-through',
      )}
    >
      <span className="truncate">{children}</span>
    </span>
  )
}

export function Tags({ tags }: { readonly tags: readonly string[] }) {
  return <span className="flex flex-wrap gap-1">{tags.map((tag) => <Tag key={tag}>{tag}</Tag>)}</span>
}
