'use client'
import { cx } from './cx.ts'
import { useClock } from './clock.tsx'
import type { CSSProperties, ReactNode } from 'react'
import { byteParts, type Quantity, rateParts } from './format.ts'
import { exactTime, relative, shortTime } from './time.ts'

/** A figure with its unit in muted; a dash where it is unknown. */
export function Figure({ parts, className }: { readonly parts: Quantity | null; readonly className?: string }) {
  if (!parts) return <None />
  return <span className={cx('whitespace-nowrap', className)}>{parts.value} <span className="text-muted-foreground">{parts.unit}</span></span>
}

/** None, or unknown: never 0. */
export function None() {
  return <span className="text-muted-foreground"><span aria-hidden="true">–</span><span className="sr-only">none</span></span>
}

/** Bits a second, SI. */
export function Rate({ bits, className }: { readonly bits: number | null; readonly className?: string }) {
  return <Figure parts={bits === null ? null : rateParts(bits)} {...(className ? { className } : {})} />
}

/** Bytes, IEC. */
export function Bytes({ bytes, className }: { readonly bytes: number | null; readonly className?: string }) {
  return <Figure parts={bytes === null ? null : byteParts(bytes)} {...(className ? { className } : {})} />
}

/** A time, the exact one on hover. `style`: `relative` (29 min ago) or `clock` (14:09, 9 May). */
export function RelativeTime({ at, style = 'relative', className }: { readonly at: Date | number | null; readonly style?: 'relative' | 'clock'; readonly className?: string }) {
  const { now, zone } = useClock()
  if (at === null) return <None />
  const ms = typeof at === 'number' ? at : at.getTime()
  return (
    <time dateTime={new Date(ms).toISOString()} title={exactTime(ms, zone)} className={cx('whitespace-nowrap', className)}>
      {style === 'relative' ? relative(ms, now) : shortTime(ms, now, zone)}
    </time>
  )
}

export interface FigureItem {
  readonly label: string
  readonly value: ReactNode
  /** One line below: what it is against. */
  readonly note?: ReactNode
}

/** The figures of a page in one strip with hairlines, never in separate cards. */
export function Figures({ items, label }: { readonly items: readonly FigureItem[]; readonly label: string }) {
  const style: CSSProperties & { '--n': number } = { '--n': items.length }
  return (
    <dl aria-label={label} className="figures mb-4 rounded-panel border bg-surface" style={style}>
      {items.map((item) => (
        <div key={item.label} className="min-w-0 px-4 py-3">
          <dt className="text-12 text-muted-foreground">{item.label}</dt>
          <dd>
            <div className="value mt-0.5 mb-1 text-20 font-medium tracking-[-0.018em] whitespace-nowrap [&_.text-muted-foreground]:text-14 [&_.text-muted-foreground]:font-normal [&_.text-muted-foreground]:tracking-normal">
              {item.value}
            </div>
            <div className="flex min-h-4 items-center gap-1 text-12 text-muted-foreground">{item.note}</div>
          </dd>
        </div>
      ))}
    </dl>
  )
}
