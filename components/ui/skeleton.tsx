import { cx } from './cx.ts'

/** A still bar where text will be; give it the final width. */
export function Skeleton({ className }: { readonly className?: string }) {
  return <span aria-hidden="true" className={cx('skeleton', className)} />
}

/** Rows of the final height while a list is asked for. */
export function SkeletonRows({ rows = 4, compact = false }: { readonly rows?: number; readonly compact?: boolean }) {
  return (
    <output aria-label="Loading" className="block">
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} className={cx('flex items-center justify-between gap-6 border-b px-4 last:border-b-0', compact ? 'h-9' : 'h-12')}>
          <Skeleton className={['w-24', 'w-20', 'w-28', 'w-22'][row % 4] ?? 'w-24'} />
          <Skeleton className={['w-40', 'w-36', 'w-32', 'w-38'][row % 4] ?? 'w-40'} />
          <Skeleton className="w-16" />
        </span>
      ))}
    </output>
  )
}
