'use client'
import Link from 'next/link'
import type { AuditRow } from '../../server/trpc/types.ts'
import { useClock } from '../ui/clock.tsx'
import { None } from '../ui/figures.tsx'
import { plural } from '../ui/format.ts'
import { Panel } from '../ui/panel.tsx'
import { Head, Table, Td, Th, TwoLines } from '../ui/table.tsx'
import { clockTime, exactTime } from '../ui/time.ts'
import type { Day } from './model/days.ts'
import { splitAtName, targetHref } from './model/target.ts'
import { changesOf, type Change } from './model/words.ts'

const kinds: Readonly<Record<AuditRow['actor']['kind'], string>> = { user: '', token: 'API token', agent: 'machine', system: 'by itself' }

export function ActivityDay({ day }: { readonly day: Day<AuditRow> }) {
  return (
    <Panel title={day.title} aside={plural(day.rows.length, 'change')}>
      <Table label={`Activity, ${day.title}`} cards compact className="card:table-fixed">
        <Head><Th className="card:w-24">When</Th><Th className="card:w-44">Who</Th><Th>What</Th><Th num className="card:w-48">From</Th></Head>
        <tbody>{day.rows.map((row) => <Entry key={row.id} row={row} />)}</tbody>
      </Table>
    </Panel>
  )
}

function Entry({ row }: { readonly row: AuditRow }) {
  const { zone } = useClock()
  const changes = changesOf(row.before, row.after)
  const kind = kinds[row.actor.kind]
  return (
    <tr className="[&>td]:py-2! [&>td]:align-top">
      <Td card="action"><time dateTime={row.at.toISOString()} title={exactTime(row.at.getTime(), zone)} className="text-muted-foreground">{clockTime(row.at.getTime(), zone, true)}</time></Td>
      <Td card="title" className="max-card:row-start-1">{kind === '' ? row.actor.name : <TwoLines first={row.actor.name} second={kind} />}</Td>
      <Td card="wide">
        <span title={row.action}><Sentence row={row} /></span>
        {changes.length > 0 && (
          <ul className="m-0 flex list-none flex-wrap gap-x-4 p-0 text-12 text-muted-foreground">
            {changes.map((change) => <li key={change.label} className="min-w-0 break-words"><ChangeView change={change} /></li>)}
          </ul>
        )}
      </Td>
      <Td num card={row.ip === null ? 'none' : 'wide'} className="font-mono text-12 text-muted-foreground">
        {row.ip === null ? <None /> : <><span className="card:hidden font-sans">from </span>{row.ip}</>}
      </Td>
    </tr>
  )
}

function Sentence({ row }: { readonly row: AuditRow }) {
  const parts = splitAtName(row.text, row.target.name)
  const href = targetHref(row.target, row.action)
  if (parts === undefined || href === undefined) return <>{row.text}{href !== undefined && <> <Link className="link" href={href}>Open</Link></>}</>
  return <>{parts[0]}<Link className="link" href={href}>{parts[1]}</Link>{parts[2]}</>
}

function ChangeView({ change: { label, before, after } }: { readonly change: Change }) {
  if (before === null) return <>{label} <span className="text-foreground">{after ?? 'none'}</span></>
  return <>{label} {before}<span className="sr-only"> became</span><span aria-hidden="true"> → </span><span className="text-foreground">{after ?? 'none'}</span></>
}
