import { ArrowDown, ArrowUp } from 'lucide-react'
import type { ReactNode, TdHTMLAttributes } from 'react'
import { cx } from './cx.ts'
import { Icon } from './icon.tsx'

/**
 * Hairlines, numbers right, names medium. `cards`: below 860 px each row is a card; give its cells `label` (a figure's name) and
 * `card`: `title` (the name), `action` (top right), `wide` (a line of its own), `none` (left out).
 */
export function Table({ label, cards = false, compact = false, className, children }: {
  readonly label: string
  readonly cards?: boolean
  readonly compact?: boolean
  readonly className?: string
  readonly children: ReactNode
}) {
  return (
    <table aria-label={label} data-cards={cards || undefined} data-compact={compact || undefined} className={cx('table', className)}>
      {children}
    </table>
  )
}

export function Head({ children }: { readonly children: ReactNode }) {
  return <thead><tr>{children}</tr></thead>
}

/** `hidden`: the name is for screen readers alone. `sort`: this is the sorted column. */
export function Th({ num = false, sort, hidden = false, className, children }: {
  readonly num?: boolean
  readonly sort?: 'ascending' | 'descending'
  readonly hidden?: boolean
  readonly className?: string
  readonly children: ReactNode
}) {
  return (
    <th scope="col" {...(sort ? { 'aria-sort': sort } : {})} className={cx(num && 'num', className)}>
      {hidden ? <span className="sr-only">{children}</span> : children}
      {sort && <Icon icon={sort === 'descending' ? ArrowDown : ArrowUp} className="ml-0.5 inline !size-3 align-[-2px]" />}
    </th>
  )
}

export interface TdProps extends TdHTMLAttributes<HTMLTableCellElement> {
  readonly num?: boolean
  readonly label?: string
  readonly card?: 'title' | 'action' | 'wide' | 'none'
}

export function Td({ num = false, label, card, className, ...rest }: TdProps) {
  return <td {...rest} data-label={label} className={cx(num && 'num', card && `card-${card}`, className)} />
}

/** Two lines: the word, and what supports it. */
export function TwoLines({ first, second }: { readonly first: ReactNode; readonly second: ReactNode }) {
  return <span className="block">{first}<span className="block text-12 text-muted-foreground">{second}</span></span>
}
