'use client'
import { plural } from '../ui/format.ts'
import { Segmented } from '../ui/segmented.tsx'
import { conflictsIn, mayTakeBoth, type Choice, type MergePart } from './model/merge.ts'

const options = [{ value: 'theirs', label: 'Theirs' }, { value: 'mine', label: 'Mine' }, { value: 'both', label: 'Both' }] as const

type Props = { readonly parts: readonly MergePart[]; readonly choices: readonly (Choice | undefined)[]; readonly onChoose: (at: number, choice: Choice) => void }

/** The places that both changed, theirs beside mine, with a choice for each. */
export function ConflictChoices({ parts, choices, onChoose }: Props) {
  const conflicts = parts.flatMap((part) => (part.kind === 'conflict' ? [part] : []))
  return (
    <section aria-label="Places that both changed" className="mt-3 grid gap-3">
      <p className="text-13">You both changed {plural(conflictsIn(parts), 'place')}: choose for each. All else goes together, and you can still edit before you save.</p>
      {conflicts.map((part, at) => (
        // oxlint-disable-next-line react/no-array-index-key -- a conflict is its place
        <div key={at} className="overflow-clip rounded-control border">
          <div className="flex flex-wrap items-center justify-between gap-2 border-b px-3 py-1.5">
            <span className="text-12 text-muted-foreground">Place {at + 1} of {conflicts.length}{part.base.length === 0 ? ', new in both' : ''}</span>
            <Segmented small label={`Place ${at + 1}`} value={choices[at] ?? 'none'} onChange={(value) => value !== 'none' && onChoose(at, value)} options={mayTakeBoth(part) ? options : options.filter(({ value }) => value !== 'both')} />
          </div>
          <div className="grid divide-y card:grid-cols-2 card:divide-x card:divide-y-0">
            <Side title="Theirs" lines={part.theirs} />
            <Side title="Mine" lines={part.mine} />
          </div>
        </div>
      ))}
    </section>
  )
}

function Side({ title, lines }: { readonly title: string; readonly lines: readonly string[] }) {
  return (
    <div className="min-w-0 px-3 py-2">
      <h4 className="mb-1 text-12 text-muted-foreground">{title}</h4>
      {lines.length === 0 ? <p className="text-12 text-muted-foreground">These lines are taken out.</p> : (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it
        <pre tabIndex={0} aria-label={title} className="m-0 max-h-48 overflow-auto text-12! leading-5">{lines.join('\n')}</pre>
      )}
    </div>
  )
}
