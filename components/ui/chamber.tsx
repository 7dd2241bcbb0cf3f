import type { ReactNode } from 'react'
import { cx } from './cx.ts'

/** How a state is drawn: a lock chamber, full to empty. Never without a word beside it. */
export type ChamberKind = 'full' | 'starting' | 'draining' | 'empty' | 'offline' | 'cannot' | 'fault'

const stroke: Record<ChamberKind, string> = {
  full: 'var(--positive)',
  starting: 'var(--accent)',
  draining: 'var(--accent)',
  empty: 'var(--border-strong)',
  offline: 'var(--muted-foreground)',
  cannot: 'var(--critical)',
  fault: 'var(--warning)',
}

export function Chamber({ kind, className }: { readonly kind: ChamberKind; readonly className?: string }) {
  const color = stroke[kind]
  const filled = kind === 'full' || kind === 'cannot' || kind === 'fault'
  return (
    <svg viewBox="0 0 12 12" aria-hidden="true" className={cx('chamber size-3 shrink-0', className)}>
      <rect x="1" y="1" width="10" height="10" rx="2.2" fill={filled ? color : 'none'} stroke={color} strokeWidth="1.5" {...(kind === 'offline' ? { strokeDasharray: '2.4 1.7' } : {})} />
      {kind === 'starting' && <path d="M2 5.5h8V10H2z" fill={color} />}
      {kind === 'draining' && <path d="M2 8h8v2H2z" fill={color} />}
      {kind === 'cannot' && <path d="M4 4l4 4M8 4l-4 4" stroke="var(--surface)" strokeWidth="1.5" />}
      {kind === 'fault' && <path d="M6 3.2v3.6M6 8.1v1.2" stroke="var(--surface)" strokeWidth="1.5" />}
    </svg>
  )
}

/** The chamber, its word, and the reason below. `tone` colours the reason. */
export function State({ kind, word, reason, tone }: { readonly kind: ChamberKind; readonly word: ReactNode; readonly reason?: ReactNode; readonly tone?: 'warning' | 'critical' }) {
  return (
    <span className="state inline-flex items-start gap-2 font-medium">
      <Chamber kind={kind} className="mt-1" />
      <span>
        {word}
        {reason && (
          <span className={cx('block text-12 font-normal', tone === 'warning' ? 'text-warning' : tone === 'critical' ? 'text-critical' : 'text-muted-foreground')}>
            {reason}
          </span>
        )}
      </span>
    </span>
  )
}
