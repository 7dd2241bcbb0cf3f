'use client'
import Link from 'next/link'
import type { RelayDetail } from '../../server/trpc/types.ts'
import { Command } from '../ui/copy.tsx'
import { cx } from '../ui/cx.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { RelativeTime } from '../ui/figures.tsx'
import { formatCount, formatLargeCount, formatShare, plural } from '../ui/format.ts'
import { Panel } from '../ui/panel.tsx'
import { Tag } from '../ui/tag.tsx'
import { Tooltip } from '../ui/tooltip.tsx'
import { sourceWords } from './addresses.tsx'
import { dropAdvice, dropWords } from './drop-words.ts'
import { Limits } from './limits.tsx'
import { firewallRule } from './relay-words.ts'

const row = 'flex min-h-10 items-center gap-3 border-t px-4 py-2 text-13 first:border-t-0'

/** Where it is reached, and the one rule that a firewall in front of it needs. */
export function AddressPanel({ relay }: { readonly relay: RelayDetail }) {
  const port = relay.boundPort ?? relay.port
  return (
    <Panel title="Addresses" aside={`UDP port ${port}`} footer={<div className="grid gap-2"><span>The one firewall rule it needs:</span><Command text={firewallRule(port)} what="the firewall rule" /></div>}>
      {relay.addresses.length === 0
        ? <EmptyState title={relay.client ? 'None set.' : 'None yet.'}>{relay.client ? 'A stock client finds its addresses itself and tells them to those who use it.' : relay.advertised ? 'The agent advertises what it finds on its interfaces and by STUN.' : 'They are found once the relay is on.'}</EmptyState>
        : (
            <ul>
              {relay.addresses.map(({ address, source }) => (
                <li key={address} className={row}>
                  <span><span className="dim font-mono text-12">{address}</span><span className="block text-12 text-muted-foreground">{sourceWords[source]}</span></span>
                </li>
              ))}
            </ul>
          )}
    </Panel>
  )
}

/** Who may use it, by grant, each with its line in the policy. */
export function MayUsePanel({ relay }: { readonly relay: RelayDetail }) {
  return (
    <Panel title="Who may use it" aside={plural(relay.mayUseCount, 'machine')}>
      {relay.mayUse.length === 0
        ? <EmptyState title="Nobody." action={<Link className="link text-13" href="/access">Open Access</Link>}>No grant names it: pairs that would need it go over DERP. Write one, or give its machine a tag that a grant names.</EmptyState>
        : (
            <ul>
              {relay.mayUse.map(({ selector, grantIndex, machines, now, line, names, limits, usedUp }, i) => (
                <li key={`${selector} ${line}`} className={cx(row, 'flex-wrap gap-y-1')}>
                  <Tag>{selector}</Tag>
                  {names.length > 0
                    ? <Tooltip text={names.join(', ')}><button type="button" className="min-h-6 text-left">{plural(machines, 'machine')}</button></Tooltip>
                    : <span>{plural(machines, 'machine')}</span>}
                  <span className="ml-auto whitespace-nowrap text-muted-foreground">{usedUp ? 'not now: quota used up' : now === 0 ? 'none now' : `${formatCount(now)} now`}</span>
                  <Link className="link whitespace-nowrap" href={`/access?line=${line}`}>line {line}</Link>
                  {limits.length > 0 && relay.mayUse[i + 1]?.grantIndex !== grantIndex && <div className="basis-full"><Limits limits={limits} /></div>}
                </li>
              ))}
            </ul>
          )}
    </Panel>
  )
}

function Drop({ reason, count, share, buffers }: { readonly reason: string; readonly count: number; readonly share: number; readonly buffers: RelayDetail['buffers'] }) {
  const advice = dropAdvice(reason, buffers)
  return (
    <li className={cx(row, 'flex-wrap gap-y-1')}>
      <span className="min-w-0 flex-1" title={reason}>{dropWords(reason)}</span>
      <span aria-hidden="true" className="h-1.5 w-16 rounded-[1px] bg-muted"><span className="block h-full rounded-[1px] bg-chart-6" style={{ width: `${Math.max(2, share * 100)}%` }} /></span>
      <span className="dim w-16 text-right">{formatCount(count)}</span>
      {advice !== undefined && <span className="basis-full text-12 text-muted-foreground">{advice}</span>}
    </li>
  )
}

/** What it dropped in the last hour, by reason. */
export function DropsPanel({ relay }: { readonly relay: RelayDetail }) {
  const total = relay.drops.reduce((sum, { count }) => sum + count, 0)
  const most = relay.drops.reduce((top, { count }) => Math.max(top, count), 1)
  return (
    <Panel title="Dropped, by reason" aside="last hour" footer={`${formatCount(total)} of ${formatLargeCount(relay.packetsLastHour + total)} packets, ${formatShare(total, relay.packetsLastHour + total)} %`}>
      {total === 0
        ? <EmptyState title="Nothing dropped." />
        : (
            <ul>
              {relay.drops.filter(({ count }) => count > 0).map(({ reason, count }) => <Drop key={reason} reason={reason} count={count} share={count / most} buffers={relay.buffers} />)}
            </ul>
          )}
    </Panel>
  )
}

/** What happened to it: who, what, when. */
export function EventsPanel({ relay }: { readonly relay: RelayDetail }) {
  return (
    <Panel title="Events" aside={<Link className="link" href={`/activity?q=${encodeURIComponent(relay.name)}`}>Activity</Link>}>
      {relay.events.length === 0
        ? <EmptyState title="Nothing happened yet." />
        : (
            <ul>
              {relay.events.map(({ at, actor, text }) => (
                <li key={`${at.getTime()} ${text}`} className={row}>
                  <RelativeTime at={at} style="clock" className="w-14 shrink-0 text-12 text-muted-foreground" />
                  <span className="min-w-0">{text.startsWith(`${actor} `) ? '' : `${actor} `}<span className="text-muted-foreground">{text}</span></span>
                </li>
              ))}
            </ul>
          )}
    </Panel>
  )
}
