'use client'
import { cx } from '../ui/cx.ts'

export interface LegendEntry {
  readonly key: string
  readonly label: string
  readonly color: string
  readonly dashed?: boolean
  /** Live. */
  readonly value: string
}

/** The live values of a graph; each is the switch that hides its line. */
export function Legend({ entries, hidden, onToggle }: { readonly entries: readonly LegendEntry[]; readonly hidden: ReadonlySet<string>; readonly onToggle: (key: string) => void }) {
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
      {entries.map(({ key, label, color, dashed, value }) => (
        <button
          key={key}
          type="button"
          aria-pressed={!hidden.has(key)}
          title={hidden.has(key) ? `Show ${label}` : `Hide ${label}`}
          onClick={() => onToggle(key)}
          className={cx('inline-flex min-h-6 items-center gap-1.5 text-12 whitespace-nowrap text-muted-foreground', hidden.has(key) && 'line-through')}
        >
          <span aria-hidden="true" className="graph-key" data-dashed={dashed || undefined} ref={(drawn) => drawn?.style.setProperty('--c', hidden.has(key) ? 'var(--border-strong)' : `var(${color})`)} />
          {label} <b className="dim font-medium text-foreground" data-legend={key}>{value}</b>
        </button>
      ))}
    </div>
  )
}
