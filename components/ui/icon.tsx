import type { LucideIcon } from 'lucide-react'
import { cx } from './cx.ts'

/** 16 px, 14 in rows; only beside a word, or in what has a label. */
export function Icon({ icon: Drawn, small = false, className }: { readonly icon: LucideIcon; readonly small?: boolean; readonly className?: string }) {
  return <Drawn aria-hidden="true" strokeWidth={1.6} className={cx('shrink-0', small ? 'size-3.5' : 'size-4', className)} />
}
