'use client'
import Link from 'next/link'
import type { RelayRow } from '../../server/trpc/types.ts'
import { Sparkline } from '../chart/sparkline.tsx'
import { useBlocked } from '../settings/blocked.ts'
import { cx } from '../ui/cx.ts'
import { None, Rate } from '../ui/figures.tsx'
import { formatCount, formatShare, plural } from '../ui/format.ts'
import { Switch } from '../ui/switch.tsx'
import { Head, Table, Td, Th } from '../ui/table.tsx'
import { AddressList } from './addresses.tsx'
import { isUntold } from './client-words.ts'
import { RelayStateMark } from './relay-state.tsx'
import { actualOf, isWanted, switchWhy } from './relay-words.ts'

/** Only while it relays or drains are there figures; else a dash. */
function carries({ state }: RelayRow): boolean {
  return state === 'relaying' || state === 'draining'
}

/** The share of the last hour's datagrams; their count on hover and for screen readers. */
function DroppedShare({ drops, packets }: { readonly drops: number; readonly packets: number }) {
  const words = `${formatCount(drops)} of ${formatCount(packets + drops)} datagrams in the last hour`
  return <span title={words}>{formatShare(drops, packets + drops)} <span className="text-muted-foreground">%</span><span className="sr-only">, {words}</span></span>
}

function Row({ relay, onSwitch, blocked }: { readonly relay: RelayRow; readonly onSwitch: (relay: RelayRow, wanted: boolean) => void; readonly blocked: string | undefined }) {
  const busy = carries(relay)
  const idle = busy ? '' : 'max-card:!hidden'
  return (
    <tr>
      <Td card="title" className="font-medium"><Link href={`/relays/${relay.id}`} className="hover:underline" title={relay.tags.join(' ')}>{relay.name}</Link>{relay.kind === 'client' && <span className="block text-12 font-normal text-muted-foreground">stock client</span>}</Td>
      <Td card="action"><Switch wanted={relay.advertised} actual={actualOf(relay)} label={`Relay ${relay.name}`} onChange={(wanted) => onSwitch(relay, wanted)} {...switchWhy(blocked, relay)} /></Td>
      {/* A reason may be a sentence: it must not squeeze the other columns. */}
      <Td card="wide"><div className="card:max-w-80"><RelayStateMark relay={relay} /></div></Td>
      <Td className={cx('py-0 max-fig:hidden max-card:!block max-card:order-2 max-card:!col-span-full', idle)}>
        <Sparkline values={relay.sparkline} label={`Throughput of ${relay.name}, last 15 minutes`} />
      </Td>
      <Td num label="Rate" className={idle}><Rate bits={busy ? relay.rateOut : null} /></Td>
      <Td num label="Sessions" className={idle}>{busy && !isUntold(relay) ? formatCount(relay.sessions) : <None />}</Td>
      <Td num label="Dropped, 1 h" className={cx('max-fig:hidden max-card:!block', idle)}>{busy || relay.dropsLastHour > 0 ? <DroppedShare drops={relay.dropsLastHour} packets={relay.packetsLastHour} /> : <None />}</Td>
      <Td card="wide" className="max-card:order-3"><AddressList addresses={relay.addresses} /></Td>
      <Td card="none" className="text-muted-foreground max-full:hidden">{relay.region || <None />}</Td>
      <Td card="none" className="text-muted-foreground max-full:hidden">{relay.version || <None />}</Td>
    </tr>
  )
}

/** A row per relay: wanted and actual, what it carries, where it is reached; totals below. */
export function RelaysTable({ relays, all, onSwitch }: {
  readonly relays: readonly RelayRow[]
  /** Before the filter. */
  readonly all: readonly RelayRow[]
  readonly onSwitch: (relay: RelayRow, wanted: boolean) => void
}) {
  const blocked = useBlocked()
  const relaying = relays.filter(carries)
  const total = (part: (relay: RelayRow) => number) => relays.reduce((sum, relay) => sum + part(relay), 0)
  return (
    <Table label="Relays" cards>
      <Head>
        <Th>Name</Th>
        <Th>Wanted</Th>
        <Th>Actual</Th>
        <Th className="max-fig:hidden">Last 15 min</Th>
        <Th num sort="descending">Rate</Th>
        <Th num>Sessions</Th>
        <Th num className="max-fig:hidden"><span title="Share of the datagrams of the last hour">Dropped, 1 h</span></Th>
        <Th>Addresses</Th>
        <Th className="max-full:hidden">Region</Th>
        <Th className="max-full:hidden">Version</Th>
      </Head>
      <tbody>{relays.map((relay) => <Row key={relay.id} relay={relay} onSwitch={onSwitch} blocked={blocked} />)}</tbody>
      <tfoot>
        <tr>
          <td colSpan={3}>
            <b>{relays.length === all.length ? plural(all.length, 'relay') : `${relays.length} of ${plural(all.length, 'relay')}`}</b>
            , {relays.filter(isWanted).length} wanted, {relays.filter(({ state }) => state === 'relaying').length} relaying
          </td>
          <Td className="max-fig:hidden" />
          <td className="num"><Rate bits={relaying.reduce((sum, { rateOut }) => sum + (rateOut ?? 0), 0)} /></td>
          <td className="num"><b>{formatCount(relaying.reduce((sum, { sessions }) => sum + sessions, 0))}</b><span className="card:hidden"> sessions</span></td>
          <td className="num max-fig:hidden"><b><DroppedShare drops={total(({ dropsLastHour }) => dropsLastHour)} packets={total(({ packetsLastHour }) => packetsLastHour)} /></b><span className="card:hidden"> dropped</span></td>
          <Td />
          <Td className="max-full:hidden" />
          <Td className="max-full:hidden" />
        </tr>
      </tfoot>
    </Table>
  )
}
