'use client'
import { ArrowRight, Package, Waypoints, type LucideIcon } from 'lucide-react'
import { EmptyState } from '../ui/empty-state.tsx'
import { Icon } from '../ui/icon.tsx'
import { Panel } from '../ui/panel.tsx'
import { Head, Table, Td, Th, TwoLines } from '../ui/table.tsx'
import { Tags } from '../ui/tag.tsx'
import type { GrantCount } from './model/counts.ts'
import type { Gift, GrantView } from './model/grants.ts'

const gifts: Readonly<Record<Gift['kind'], { readonly word: string; readonly icon: LucideIcon }>> = {
  reach: { word: 'Reach', icon: ArrowRight },
  relay: { word: 'Relay', icon: Waypoints },
  capability: { word: 'Capability', icon: Package },
}

type Props = {
  readonly grants: readonly GrantView[]
  readonly counts: ReadonlyMap<number, GrantCount>
  /** Whether they are of the text as it stands. */
  readonly fresh: boolean
  /** The grant that the cursor is in. */
  readonly selected: number | undefined
  readonly changed: ReadonlySet<number>
  readonly onLine: (line: number) => void
}

/** The grants as rows; a row's line goes to the text. */
export function GrantsPanel({ grants, counts, fresh, selected, changed, onLine }: Props) {
  return (
    <Panel title="Grants" aside={fresh ? undefined : 'as before the errors'}>
      {grants.length === 0 ? (
        <EmptyState title="No grants.">
          Nothing is allowed by a policy with an empty list: no machine reaches another. A grant reads{' '}
          <code>{'{"src": ["*"], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": [{}]}}'}</code>
        </EmptyState>
      ) : (
        <Table label="Grants" cards>
          <Head><Th num>Line</Th><Th className="w-[42%]">Who</Th><Th>May use</Th><Th>How</Th><Th num>Machines</Th></Head>
          <tbody>
            {grants.map((grant) => (
              <GrantRow
                key={grant.index}
                grant={grant}
                count={counts.get(grant.index)}
                selected={grant.index === selected}
                changed={touches(changed, grant)}
                onLine={onLine}
              />
            ))}
          </tbody>
        </Table>
      )}
    </Panel>
  )
}

function touches(changed: ReadonlySet<number>, grant: GrantView): boolean {
  for (let line = grant.line; line <= grant.endLine; line++) if (changed.has(line)) return true
  return false
}

/** A detail up to this long stays on one line. */
const maxUnbroken = 28

type RowProps = {
  readonly grant: GrantView
  readonly count: GrantCount | undefined
  readonly selected: boolean
  readonly changed: boolean
  readonly onLine: (line: number) => void
}

function GrantRow({ grant, count, selected, changed, onLine }: RowProps) {
  return (
    <tr aria-selected={selected || changed} className="card:[&>td]:py-2.5! card:[&>td]:align-top">
      <Td num card="action" className="max-card:row-start-1">
        <button type="button" className="link min-h-6 min-w-6 text-right" onClick={() => onLine(grant.line)} aria-label={`Go to line ${grant.line}`}>
          <span className="card:hidden" aria-hidden="true">line </span>{grant.line}
        </button>
      </Td>
      <Td card="title" className="max-card:row-start-1 max-card:text-13!">
        <Tags tags={grant.src} />
        {grant.comment !== '' && <span className="mt-1 line-clamp-3 text-12 text-muted-foreground">{grant.comment}</span>}
      </Td>
      <Td card="wide"><span className="flex items-center gap-2"><span className="text-12 whitespace-nowrap text-muted-foreground card:hidden">may use</span><Tags tags={grant.dst} /></span></Td>
      <Td card="title" className="max-card:text-13!">
        <ul className="m-0 grid list-none gap-1 p-0">
          {grant.gives.map(({ kind, detail }) => (
            <li key={`${kind} ${detail}`} className="flex items-start gap-1.5">
              <Icon icon={gifts[kind].icon} small className={kind === 'relay' ? 'mt-[3px] text-accent' : 'mt-[3px] text-muted-foreground'} />
              <TwoLines first={gifts[kind].word} second={<span className={detail.length > maxUnbroken ? 'break-words' : 'whitespace-nowrap'}>{detail}</span>} />
            </li>
          ))}
        </ul>
      </Td>
      <Td num className="max-card:self-end max-card:text-right!">
        {count !== undefined && <span className="dim">{count.from} to {count.to}<span className="text-12 text-muted-foreground card:hidden"> machines</span></span>}
      </Td>
    </tr>
  )
}
