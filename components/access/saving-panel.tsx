'use client'
import { CircleMinus, CirclePlus, CircleX, CircleCheck, Unplug, type LucideIcon } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import type { PolicyCheck, PolicyDocument, PolicyPreview } from '../../server/trpc/types.ts'
import { Button } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { Note } from '../ui/error-note.tsx'
import { Rate, RelativeTime } from '../ui/figures.tsx'
import { plural } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'
import { Panel } from '../ui/panel.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { changesNothing, namesWords, previewLines, sideWords, type PreviewLine } from './model/preview.ts'
import { endingWords, type Endings } from './model/saving.ts'

type Props = { readonly base: PolicyDocument; readonly answer: PolicyCheck | undefined; readonly errors: number; readonly onLine: (line: number) => void }

/** What saving changes, before it does: who gains, who loses, and where running sessions go. */
export function SavingPanel({ base, answer, errors, onLine }: Props) {
  return (
    <Panel
      title="What saving changes"
      beside={<span className="text-12 text-muted-foreground">against version {base.version}, saved by {base.author} <RelativeTime at={base.createdAt} style="clock" /></span>}
      aside={answer !== undefined && <TestCount tests={answer.tests} onLine={onLine} />}
    >
      {errors > 0 ? <p className="px-4 py-3 text-13 text-muted-foreground">Known once the {errors === 1 ? 'error is' : 'errors are'} corrected.</p>
        : answer?.preview === undefined ? <SkeletonRows rows={2} compact />
          : <Changes preview={answer.preview} endings={{ ends: answer.ends, total: answer.totalEnds }} />}
    </Panel>
  )
}

function TestCount({ tests: { total, passed, failed }, onLine }: { readonly tests: PolicyCheck['tests']; readonly onLine: (line: number) => void }) {
  const [first] = failed
  if (first === undefined) return total === 0 ? null : <><Icon icon={CircleCheck} small className="text-positive" />{passed} of {total} tests pass</>
  return (
    <button type="button" className="link flex items-center gap-1.5" onClick={() => onLine(first.line)}>
      <Icon icon={CircleX} small className="text-critical" />{total - passed} of {total} tests fail: line {first.line}
    </button>
  )
}

function Changes({ preview, endings }: { readonly preview: PolicyPreview; readonly endings: Endings }) {
  const { gains, loses, paths, notes } = preview
  return (
    <>
      {notes.length > 0 && <div className="grid gap-2 p-3">{notes.map((note) => <Note key={note}>{note}</Note>)}</div>}
      {(!changesNothing(preview) || endings.total > 0) && (
        <div className={cx('grid divide-y wide:grid-cols-3 wide:divide-x wide:divide-y-0', notes.length > 0 && 'border-t')}>
          <Column icon={CirclePlus} ink="text-positive" title={sideWords(gains, 'gains')}>
            <Lines lines={previewLines(gains)} more={gains.total - gains.rows.length} />
          </Column>
          <Column icon={CircleMinus} ink="text-critical" title={sideWords(loses, 'loses')}>
            <Lines lines={previewLines(loses)} more={loses.total - loses.rows.length} />
          </Column>
          <Column icon={Unplug} ink="text-warning" title={endingWords(endings) || 'No running session ends'}>
            <Sessions endings={endings} />
            {paths.length > 0 && <Paths preview={preview} />}
          </Column>
        </div>
      )}
    </>
  )
}

function Column({ icon, ink, title, children }: { readonly icon: LucideIcon; readonly ink: string; readonly title: string; readonly children: ReactNode }) {
  return (
    <div className="min-w-0 px-4 py-3">
      <h3 className="mb-1.5 flex items-center gap-1.5 text-13 font-medium"><Icon icon={icon} small className={ink} />{title}</h3>
      {children}
    </div>
  )
}

/** So many lines before the rest is asked for. */
const firstLines = 8
const listLook = 'm-0 grid list-none gap-1 p-0 text-13'

/** The first of a list, and all of it on demand. */
function Bounded<T>({ items, more, draw }: { readonly items: readonly T[]; readonly more: number; readonly draw: (item: T) => ReactNode }) {
  const [all, setAll] = useState(false)
  const hidden = items.length - firstLines
  return (
    <>
      <ul className={cx(listLook, all && 'max-h-72 overflow-y-auto')}>{(all ? items : items.slice(0, firstLines)).map(draw)}</ul>
      {hidden > 0 && <Button size="small" variant="plain" className="mt-1 -ml-2" aria-expanded={all} onClick={() => setAll(!all)}>{all ? 'Show fewer' : `and ${hidden + more} more`}</Button>}
      {more > 0 && (all || hidden <= 0) && <p className="mt-1 text-12 text-muted-foreground">and {more.toLocaleString('en')} more</p>}
    </>
  )
}

function Lines({ lines, more }: { readonly lines: readonly PreviewLine[]; readonly more: number }) {
  return <Bounded items={lines} more={more} draw={(line) => <Line key={line.key} line={line} />} />
}

function Line({ line: { who, selector, what, names, more } }: { readonly line: PreviewLine }) {
  const [open, setOpen] = useState(false)
  const words = <>{who}{selector !== undefined && <> <code>{selector}</code></>}</>
  return (
    <li>
      <span className="flex flex-wrap justify-between gap-x-4">
        {names.length === 0 ? <span className="min-w-0 break-words">{words}</span>
          : <button type="button" className="link min-w-0 text-left break-words" aria-expanded={open} onClick={() => setOpen(!open)}>{words}</button>}
        <span className="ml-auto text-right text-12 break-words text-muted-foreground">{what}</span>
      </span>
      {open && <span className="block py-1 pl-3 text-12 break-words text-muted-foreground">{names.join(', ')}{more > 0 && ` and ${more.toLocaleString('en')} more`}</span>}
    </li>
  )
}

function Sessions({ endings: { ends, total } }: { readonly endings: Endings }) {
  if (total === 0) return <p className="text-13 text-muted-foreground">Machines see their new grants within a second.</p>
  return (
    <Bounded
      items={ends}
      more={total - ends.length}
      draw={({ id, a, b, relay, reason, bits, next }) => (
        <li key={id} title={reason}>
          <span className="flex flex-wrap justify-between gap-x-4">
            <span>{a} to {b}</span>
            <span className="ml-auto text-12 text-muted-foreground"><Rate bits={bits} /></span>
          </span>
          <span className="block text-12 text-muted-foreground">over {relay} now, then {next.length === 0 ? 'over DERP' : `over ${next.join(' or ')}`}</span>
        </li>
      )}
    />
  )
}

function Paths({ preview: { paths, totalPaths } }: { readonly preview: PolicyPreview }) {
  return (
    <div className="mt-3">
      <h3 className="mb-1.5 text-13 font-medium">{plural(totalPaths, 'route')} {totalPaths === 1 ? 'moves' : 'move'} to another router</h3>
      <Bounded
        items={paths}
        more={totalPaths - paths.length}
        draw={({ who, route, from, to }) => (
          <li key={`${route} ${from.join()} ${to.join()}`}>
            {namesWords(who.names, who.count)} {who.count === 1 ? 'reaches' : 'reach'} <code>{route}</code> through {to.join(' and ')} instead of {from.join(' and ')}
          </li>
        )}
      />
    </div>
  )
}
