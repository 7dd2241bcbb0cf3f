'use client'
import { ArrowDown, ArrowRight, ArrowUp, Copy, Ellipsis, Eye, Package, Pencil, TextCursorInput, Trash2, TriangleAlert, Waypoints, type LucideIcon } from 'lucide-react'
import type { MouseEvent } from 'react'
import { IconButton } from '../../ui/button.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Menu, MenuItem, MenuLine } from '../../ui/menu.tsx'
import { Td, TwoLines } from '../../ui/table.tsx'
import { Tag } from '../../ui/tag.tsx'
import type { EditorProblem } from '../model/check.ts'
import type { GrantCount } from '../model/counts.ts'
import type { Gift, GrantView } from '../model/grants.ts'
import type { RowChange, SelectorMark } from '../model/row-changes.ts'

const gifts: Readonly<Record<Gift['kind'], { readonly word: string; readonly icon: LucideIcon }>> = {
  reach: { word: 'Reach', icon: ArrowRight },
  relay: { word: 'Relay', icon: Waypoints },
  capability: { word: 'Capability', icon: Package },
}

export type RowAction = 'open' | 'text' | 'duplicate' | 'up' | 'down' | 'remove'

type Props = {
  readonly grant: GrantView
  readonly count: GrantCount | undefined
  readonly selected: boolean
  readonly touched: boolean
  readonly change: RowChange | undefined
  readonly problems: readonly EditorProblem[]
  readonly nameOf: (address: string) => string | undefined
  /** Only to be read: by this person, or while the text has errors. */
  readonly readOnly: boolean
  readonly isLast: boolean
  readonly onAction: (action: RowAction, grant: GrantView) => void
}

export function GrantRow({ grant, count, selected, touched, change, problems, nameOf, readOnly, isLast, onAction }: Props) {
  const act = (action: RowAction) => (): void => onAction(action, grant)
  const what = grant.list === 'acls' ? 'acl' : 'grant'
  // The whole row is a target for the pointer; its button is what the keyboard and screen readers have.
  const onClick = (event: MouseEvent<HTMLTableRowElement>): void => {
    if (event.target instanceof Element && event.currentTarget.contains(event.target) && event.target.closest('a, button') === null) onAction('open', grant)
  }
  return (
    <tr aria-selected={selected || touched} onClick={onClick} className="cursor-default card:[&>td]:py-2.5! card:[&>td]:align-top">
      <Td num card="action" className="max-card:row-start-1 max-card:self-start">
        <button type="button" className="link min-h-6 min-w-6 text-right" onClick={act('text')} aria-label={`Go to line ${grant.line}`}>
          <span className="card:hidden" aria-hidden="true">line </span>{grant.line}
        </button>
      </Td>
      <Td card="title" className="max-card:row-start-1 max-card:text-13!">
        <Marks marks={change?.src ?? grant.src.map((text) => ({ text }))} nameOf={nameOf} />
        {grant.list === 'acls' && <span className="mt-1 inline-block text-12 text-muted-foreground">acl</span>}
        {grant.comment !== '' && <span className="mt-1 line-clamp-3 text-12 text-muted-foreground">{grant.comment}</span>}
      </Td>
      <Td card="wide">
        <span className="flex items-center gap-2"><span className="text-12 whitespace-nowrap text-muted-foreground card:hidden">may use</span><Marks marks={change?.dst ?? grant.dst.map((text) => ({ text }))} nameOf={nameOf} /></span>
        {grant.via.length > 0 && <span className="mt-1 flex flex-wrap items-center gap-1 text-12 text-muted-foreground">through {grant.via.map((tag) => <Tag key={tag}>{tag}</Tag>)}</span>}
      </Td>
      <Td card="wide">
        <ul className="m-0 grid list-none gap-1 p-0">
          {grant.gives.map(({ kind, detail }) => (
            <li key={`${kind} ${detail}`} className="flex items-start gap-1.5">
              <Icon icon={gifts[kind].icon} small className={kind === 'relay' ? 'mt-[3px] text-accent' : 'mt-[3px] text-muted-foreground'} />
              <TwoLines first={gifts[kind].word} second={<span className="wrap-anywhere">{detail}</span>} />
            </li>
          ))}
        </ul>
      </Td>
      <Td num card="wide">
        <div className="flex items-center justify-between gap-x-1 card:flex-col card:items-end">
          <span className="flex items-center gap-1">
            <Warning problems={problems} />
            {count !== undefined && <span className="whitespace-nowrap dim">{count.from} to {count.to}<span className="text-12 text-muted-foreground card:hidden"> machines</span></span>}
          </span>
          {readOnly ? <IconButton size="small" icon={Eye} label={`Show the ${what} of line ${grant.line}`} onClick={act('open')} /> : (
            <span className="-mr-1 inline-flex card:mt-0.5">
              <IconButton size="small" icon={Pencil} label={`Edit the ${what} of line ${grant.line}`} onClick={act('open')} />
              <Menu trigger={<IconButton size="small" icon={Ellipsis} label={`More for line ${grant.line}`} />}>
                <MenuItem icon={TextCursorInput} onSelect={act('text')}>Show in text</MenuItem>
                <MenuItem icon={Copy} onSelect={act('duplicate')}>Duplicate</MenuItem>
                <MenuItem icon={ArrowUp} disabled={grant.at === 0} onSelect={act('up')}>Move up</MenuItem>
                <MenuItem icon={ArrowDown} disabled={isLast} onSelect={act('down')}>Move down</MenuItem>
                <MenuLine />
                <MenuItem icon={Trash2} danger onSelect={act('remove')}>Remove</MenuItem>
              </Menu>
            </span>
          )}
        </div>
      </Td>
    </tr>
  )
}

function Marks({ marks, nameOf }: { readonly marks: readonly SelectorMark[]; readonly nameOf: (address: string) => string | undefined }) {
  return (
    <span className="flex min-w-0 flex-wrap gap-1">
      {marks.map(({ text, kind }) => {
        const name = nameOf(text)
        return (
          <span key={`${kind ?? ''} ${text}`} className="inline-flex max-w-full flex-wrap items-center gap-1">
            <Tag {...(kind === undefined ? {} : { kind })}>
              {kind !== undefined && <span className="sr-only">{kind}: </span>}<span title={text}>{text}</span>
            </Tag>
            {name !== undefined && <span className="text-12 text-muted-foreground">{name}</span>}
          </span>
        )
      })}
    </span>
  )
}

function Warning({ problems }: { readonly problems: readonly EditorProblem[] }) {
  if (problems.length === 0) return null
  const text = problems.map(({ message }) => message).join('\n')
  return (
    <span title={text} className="inline-flex text-warning">
      <Icon icon={TriangleAlert} small />
      <span className="sr-only">{text}</span>
    </span>
  )
}

/** A row of the saved version that the draft does not have. */
export function RemovedRow({ grant }: { readonly grant: GrantView }) {
  return (
    <tr aria-selected className="card:[&>td]:py-2.5! card:[&>td]:align-top">
      <Td num card="action" className="text-12 text-muted-foreground max-card:row-start-1">removed</Td>
      <Td card="title" className="max-card:row-start-1 max-card:text-13!">
        <span className="flex flex-wrap gap-1">{grant.src.map((text) => <Tag key={text} kind="removed">{text}</Tag>)}</span>
        {grant.comment !== '' && <span className="mt-1 line-clamp-3 text-12 text-muted-foreground">{grant.comment}</span>}
      </Td>
      <Td card="wide"><span className="flex flex-wrap gap-1">{grant.dst.map((text) => <Tag key={text} kind="removed">{text}</Tag>)}</span></Td>
      <Td card="title" className="text-muted-foreground max-card:text-13!">{grant.gives.map(({ kind }) => gifts[kind].word).join(', ')}</Td>
      <Td card="none" />
    </tr>
  )
}
