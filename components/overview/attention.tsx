'use client'
import type { Overview, RelayRow } from '../../server/trpc/types.ts'
import { UsePortButton } from '../relays/use-port-button.tsx'
import { ButtonLink } from '../ui/button.tsx'
import { Chamber, type ChamberKind } from '../ui/chamber.tsx'
import { useClock } from '../ui/clock.tsx'
import { OptionText } from '../ui/option-text.tsx'
import { Panel } from '../ui/panel.tsx'
import { duration, exactTime } from '../ui/time.ts'

const drawn: Readonly<Record<Overview['attention'][number]['severity'], ChamberKind>> = { critical: 'cannot', warning: 'fault', offline: 'offline' }

/** What needs somebody, each with its fix. Nothing is said while nothing does. */
export function Attention({ items, relays }: { readonly items: Overview['attention']; readonly relays: readonly RelayRow[] }) {
  const { now, zone } = useClock()
  if (items.length === 0) return null
  const cannot = (id: string) => relays.find((relay) => id === `relay-cannot-${relay.id}`)
  return (
    <Panel title="Needs attention" aside={`${items.length} open`}>
      <ul>
        {items.map((item) => ({ item, relay: cannot(item.id) })).map(({ item, relay }) => (
          <li key={item.id} className="grid min-h-12 grid-cols-[12px_minmax(0,1fr)_auto_auto] items-center gap-x-3 border-t px-4 py-1.5 first:border-t-0 max-card:grid-cols-[12px_minmax(0,1fr)] max-card:items-start max-card:gap-y-1.5 max-card:py-2.5">
            <Chamber kind={drawn[item.severity]} className="max-card:mt-1" />
            <span><b className="font-medium">{item.title}</b><span className="block text-12 text-muted-foreground"><OptionText text={item.detail} /></span></span>
            <span className="min-w-24 text-right text-12 whitespace-nowrap text-muted-foreground max-card:col-start-2 max-card:text-left" title={item.since ? exactTime(item.since.getTime(), zone) : undefined}>
              {item.since ? duration(now - item.since.getTime()) : ''}
            </span>
            <span className="flex min-w-24 justify-end gap-1.5 max-card:col-start-2 max-card:justify-start">
              {relay && <UsePortButton relay={relay} />}
              {item.href && <ButtonLink size="small" href={item.href}>Show</ButtonLink>}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
