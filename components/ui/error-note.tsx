'use client'
import { CircleAlert, Info, type LucideIcon, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { cx } from './cx.ts'
import { Icon } from './icon.tsx'

export interface ErrorWords {
  readonly text: string
  readonly fix: string
  /** The input's field that is to blame, `a.b.0`. */
  readonly path: string | undefined
  readonly code: string | undefined
}

function text(from: unknown, key: string): string | undefined {
  if (typeof from !== 'object' || from === null || !(key in from)) return undefined
  const value: unknown = Reflect.get(from, key)
  return typeof value === 'string' ? value : undefined
}

/** What a procedure's error says: the server's own text and fix, or that the server does not answer. */
export function describeError(error: unknown): ErrorWords {
  const message = text(error, 'message') ?? 'Something went wrong in this page.'
  const data: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'data') : undefined
  if (data === undefined || data === null) {
    return /fetch|network|load failed|socket|closed/i.test(message)
      ? { text: 'The control plane does not answer.', fix: 'Relays keep relaying without it. Try again once it is back.', path: undefined, code: undefined }
      : { text: message, fix: '', path: undefined, code: undefined }
  }
  return { text: message, fix: text(data, 'fix') ?? '', path: text(data, 'path'), code: text(data, 'reason') ?? text(data, 'code') }
}

const tones: Record<'plain' | 'warning' | 'critical' | 'accent', { readonly box: string; readonly ink: string; readonly icon: LucideIcon }> = {
  plain: { box: 'bg-surface', ink: 'text-muted-foreground', icon: Info },
  warning: { box: 'bg-warning-muted border-[color-mix(in_srgb,var(--warning)_32%,transparent)]', ink: 'text-warning', icon: TriangleAlert },
  critical: { box: 'bg-critical-muted border-[color-mix(in_srgb,var(--critical)_32%,transparent)]', ink: 'text-critical', icon: CircleAlert },
  accent: { box: 'bg-accent-muted border-[color-mix(in_srgb,var(--accent)_28%,transparent)]', ink: 'text-accent', icon: Info },
}

/** A message that stays in the page. */
export function Note({ tone = 'plain', icon, action, role, className, children }: {
  readonly tone?: 'plain' | 'warning' | 'critical' | 'accent'
  readonly icon?: LucideIcon
  readonly action?: ReactNode
  readonly role?: 'alert' | 'status'
  readonly className?: string
  readonly children: ReactNode
}) {
  return (
    <div {...(role ? { role } : {})} className={cx('flex items-start gap-2.5 rounded-control border px-3 py-2.5 text-13 [&_.text-muted-foreground]:text-muted-foreground', tones[tone].box, className)}>
      <Icon icon={icon ?? tones[tone].icon} className={cx('mt-0.5', tones[tone].ink)} />
      <div className="min-w-0 flex-1">{children}</div>
      {action}
    </div>
  )
}

/** What failed, where, how to fix it, and the way to try again. */
export function ErrorNote({ error, what, retry }: { readonly error: unknown; readonly what?: string; readonly retry?: () => void }) {
  const words = describeError(error)
  return (
    <Note tone="critical" role="alert" {...(retry ? { action: <Button size="small" onClick={retry}>Try again</Button> } : {})}>
      {what && <b className="font-medium">{what} </b>}
      {words.text}
      {words.fix && <span className="block text-12 text-muted-foreground">{words.fix}</span>}
    </Note>
  )
}
