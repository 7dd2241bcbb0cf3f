'use client'
import { Plus } from 'lucide-react'
import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import { applyEdit, entriesOf, rewriteAcls, type PolicyEdit } from '@/policy/edit/index.ts'
import type { Policy } from '@/policy/index.ts'
import { parsePolicy } from '@/policy/parse.ts'
import { Button } from '../ui/button.tsx'
import { FilterInput } from '../ui/filter.tsx'
import { Menu, MenuItem } from '../ui/menu.tsx'
import { Panel } from '../ui/panel.tsx'
import { useSearchParam } from '../ui/search-params.ts'
import { Segmented } from '../ui/segmented.tsx'
import { say, sayError } from '../ui/toast.tsx'
import { DefinitionDialog } from './form/definition-dialog.tsx'
import { GrantDialog } from './form/grant-dialog.tsx'
import type { EditorProblem } from './model/check.ts'
import type { GrantCount } from './model/counts.ts'
import { definitionRows, nouns, withoutDefinition, type DefinitionRow, type Named } from './model/definitions.ts'
import { starts, type FormTarget } from './model/grant-form.ts'
import { grantViews, type GrantView } from './model/grants.ts'
import { rowChanges } from './model/row-changes.ts'
import { rowMatches } from './model/row-filter.ts'
import { machineNames, type Known } from './model/selector-options.ts'
import { DefinitionTable } from './table/definition-table.tsx'
import { NothingDefined, NoGrants, NothingMatches } from './table/empty.tsx'
import type { RowAction } from './table/grant-row.tsx'
import { GrantTable } from './table/grant-table.tsx'

const parts = [
  { value: 'grants', label: 'Grants' }, { value: 'groups', label: 'Groups' }, { value: 'tagOwners', label: 'Tags' }, { value: 'hosts', label: 'Hosts' },
] as const
type Part = (typeof parts)[number]['value']

type Open = { readonly kind: 'grant'; readonly target: FormTarget } | { readonly kind: 'name'; readonly of: Named; readonly row: DefinitionRow | undefined }

type Props = {
  readonly text: string
  /** The text that the rows are of: typing does not wait for them. */
  readonly drawn: string
  /** The text of the version that the draft began with. */
  readonly saved: string
  readonly onText: (text: string) => void
  readonly readOnly: boolean
  /** Of the text, or of what it was before its errors. */
  readonly policy: Policy | undefined
  readonly grants: readonly GrantView[]
  readonly counts: ReadonlyMap<number, GrantCount>
  readonly problems: readonly EditorProblem[]
  readonly machines: Known['machines']
  readonly people: Known['people']
  /** Whether they are of the text as it stands. */
  readonly fresh: boolean
  /** The grant that the cursor is in. */
  readonly selected: number | undefined
  readonly changed: ReadonlySet<number>
  readonly onLine: (line: number) => void
}

/** The document as tables: its grants, and the groups, tags and hosts that they name. Forms change the text; a row's line goes to it. */
export function GrantsPanel({ text, drawn, saved, onText, readOnly, policy, grants, counts, problems, machines, people, fresh, selected, changed, onLine }: Props) {
  const [partText, setPart] = useSearchParam('part', 'grants')
  const [filter, setFilter] = useSearchParam('q', '')
  const part: Part = parts.find(({ value }) => value === partText)?.value ?? 'grants'
  const [open, setOpen] = useState<Open>()
  const known = useMemo<Known | undefined>(() => policy && { policy, machines, people }, [policy, machines, people])
  const nameOf = useMemo(() => machineNames(machines), [machines])
  const savedRows = useMemo(() => rowsOf(saved), [saved])
  const allChanges = useMemo(() => rowChanges(savedRows ?? grants, grants), [savedRows, grants])
  const changes = useMemo(() => (filter === '' ? allChanges : { ...allChanges, removed: [] }), [allChanges, filter])
  const rows = useMemo(() => ({ groups: definitionRows(drawn, 'groups'), tagOwners: definitionRows(drawn, 'tagOwners'), hosts: definitionRows(drawn, 'hosts') }), [drawn])
  const shown = useMemo(() => grants.filter((row) => rowMatches(row, filter, nameOf)), [grants, filter, nameOf])
  const acls = useMemo(() => grants.filter(({ list }) => list === 'acls').length, [grants])
  // They change on the first key press of many: the control plane's are of the text before it.
  const drawnProblems = useDeferredValue(problems)
  // Places in lists are those of the text as it stands.
  const locked = readOnly || !fresh
  // For a way back that is taken later.
  const latest = useRef(text)
  useEffect(() => { latest.current = text }, [text])

  /** Changes the text, and offers the way back. */
  function change(next: string, words: string, again?: () => string): void {
    onText(next)
    say(words, () => onText(latest.current === next ? text : again?.() ?? latest.current))
  }

  function edit(made: PolicyEdit, words: string, back?: PolicyEdit): void {
    const result = applyEdit(text, made)
    if (!result.ok) return sayError(new Error(result.reason))
    change(result.value, words, () => {
      const undone = back === undefined ? undefined : applyEdit(latest.current, back)
      return undone?.ok === true ? undone.value : latest.current
    })
  }

  function act(action: RowAction, row: GrantView): void {
    const { list, at: index, line, value, comment } = row
    const what = list === 'acls' ? 'acl' : 'grant'
    if (text !== drawn && action !== 'text' && !isStillThere(text, row)) return say('That row has just changed in the text: look again.')
    switch (action) {
      case 'open': return setOpen({ kind: 'grant', target: { row } })
      case 'text': return onLine(line)
      case 'duplicate': return edit({ kind: 'duplicate', list, index }, `The ${what} of line ${line} is there twice.`)
      case 'up': return edit({ kind: 'move', list, index, to: index - 1 }, `The ${what} of line ${line} moved up.`)
      case 'down': return edit({ kind: 'move', list, index, to: index + 1 }, `The ${what} of line ${line} moved down.`)
      case 'remove': return edit({ kind: 'remove', list, index }, `The ${what} of line ${line} is removed.`, { kind: 'add', list, at: Math.min(index, entriesOf(latest.current, list).length), value, comment })
    }
  }

  const latestAct = useRef(act)
  useEffect(() => { latestAct.current = act })
  // One and the same function, so that typing does not draw all rows again.
  const onAction = useCallback((action: RowAction, row: GrantView) => latestAct.current(action, row), [])

  function removeName(of: Named, { name }: DefinitionRow): void {
    const result = withoutDefinition(text, of, name)
    if ('reason' in result) sayError(new Error(result.reason))
    else change(result.text, `${name} is removed.`)
  }

  function rewrite(): void {
    const result = rewriteAcls(text)
    if (result.ok) change(result.value, 'The acls are grants, which say the same.')
    else sayError(new Error(result.reason))
  }

  const done = (next: string): void => {
    onText(next)
    setOpen(undefined)
  }
  const addGrant = (start: (typeof starts)[number]): void => {
    if (policy !== undefined) setOpen({ kind: 'grant', target: { start: start.form(policy) } })
  }
  const add = locked ? undefined : part === 'grants' ? (
    <Menu trigger={<Button size="small" icon={Plus}>Add grant</Button>}>
      {starts.map((start) => <MenuItem key={start.label} onSelect={() => addGrant(start)}>{start.label}</MenuItem>)}
    </Menu>
  ) : <Button size="small" icon={Plus} onClick={() => setOpen({ kind: 'name', of: part, row: undefined })}>Add {nouns[part]}</Button>

  return (
    <Panel
      title={parts.find(({ value }) => value === part)?.label}
      aside={<>{!fresh && 'as before the errors: correct them in the text'}{add}</>}
      className="self-start"
    >
      <div className="flex flex-wrap items-center gap-2 border-b px-4 py-2">
        <Segmented small label="Part of the policy" value={part} onChange={setPart} options={parts.map(({ value, label }) => ({ value, label, count: value === 'grants' ? grants.length : rows[value].length }))} />
        <span className="flex-1" />
        <div className="w-44 max-card:w-full"><FilterInput label={part === 'grants' ? 'Filter grants' : `Filter ${nouns[part]}s`} value={filter} onChange={setFilter} /></div>
      </div>
      {part === 'grants' && !locked && acls > 0 && (
        <div className="flex flex-wrap items-center gap-2 border-b px-4 py-2 text-12 text-muted-foreground">
          <span className="flex-1">{acls === 1 ? 'One rule is an acl' : `${acls} rules are acls`}, the older form: it gives no relays.</span>
          <Button size="small" onClick={rewrite}>Rewrite as grants</Button>
        </div>
      )}
      {part === 'grants' && (grants.length === 0 ? <NoGrants /> : shown.length === 0 ? <NothingMatches total={grants.length} filter={filter} onAll={() => setFilter('')} /> : (
        <GrantTable
          rows={shown}
          counts={counts}
          selected={selected}
          changed={changed}
          changes={changes}
          problems={drawnProblems}
          nameOf={nameOf}
          readOnly={locked}
          onAction={onAction}
        />
      ))}
      {part !== 'grants' && known !== undefined && (
        <Names
          of={part} rows={rows[part]} filter={filter} known={known} locked={locked} onFilter={setFilter} onLine={onLine}
          onOpen={(row) => setOpen({ kind: 'name', of: part, row })} onRemove={(row) => removeName(part, row)}
        />
      )}
      {open?.kind === 'grant' && known !== undefined && (
        <GrantDialog
          text={text}
          target={open.target}
          known={known}
          readOnly={locked}
          onDone={done}
          onText={() => {
            if (open.target.row !== undefined) onLine(open.target.row.line)
            setOpen(undefined)
          }}
          onClose={() => setOpen(undefined)}
        />
      )}
      {open?.kind === 'name' && known !== undefined && (
        <DefinitionDialog text={text} of={open.of} row={open.row} known={known} readOnly={locked} onDone={done} onClose={() => setOpen(undefined)} />
      )}
    </Panel>
  )
}

/** Whether a row is in the text as it was drawn, at its place. */
function isStillThere(text: string, { list, at, value }: GrantView): boolean {
  return JSON.stringify(entriesOf(text, list)[at]?.value) === JSON.stringify(value)
}

/** The rows of a text; undefined: it has errors. */
function rowsOf(text: string): GrantView[] | undefined {
  const parsed = parsePolicy(text)
  return parsed.ok ? grantViews(text, parsed.policy, parsed.tree) : undefined
}

function Names({ of, rows, filter, known, locked, onFilter, ...actions }: {
  readonly of: Named
  readonly rows: readonly DefinitionRow[]
  readonly filter: string
  readonly known: Known
  readonly locked: boolean
  readonly onFilter: (filter: string) => void
  readonly onLine: (line: number) => void
  readonly onOpen: (row: DefinitionRow) => void
  readonly onRemove: (row: DefinitionRow) => void
}) {
  const words = filter.toLowerCase().split(/\s+/)
  const shown = rows.filter(({ name, values, comment }) => words.every((word) => `${name} ${values.join(' ')} ${comment}`.toLowerCase().includes(word)))
  if (rows.length === 0) return <NothingDefined of={of} />
  if (shown.length === 0) return <NothingMatches total={rows.length} filter={filter} onAll={() => onFilter('')} />
  return <DefinitionTable label={parts.find(({ value }) => value === of)?.label ?? ''} of={of} rows={shown} known={known} readOnly={locked} {...actions} />
}
