'use client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { FlaskConical, History, Route, type LucideIcon } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useMemo, useState } from 'react'
import type { MachineRow, PersonRow, PolicyDocument, PolicyVersionPage } from '../../server/trpc/types.ts'
import { useTRPC } from '../live/trpc.ts'
import { useBlocked } from '../settings/blocked.ts'
import { Button } from '../ui/button.tsx'
import { cx } from '../ui/cx.ts'
import { describeError, ErrorNote, Note } from '../ui/error-note.tsx'
import { useMedia } from '../ui/media.ts'
import { PageTitle, Toolbar } from '../ui/page-title.tsx'
import { useSearchParam } from '../ui/search-params.ts'
import { Segmented } from '../ui/segmented.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { say, sayError } from '../ui/toast.tsx'
import { ConflictDialog } from './conflict-dialog.tsx'
import { GrantsPanel } from './grants-panel.tsx'
import { accessAnswer } from './model/answer.ts'
import { applyFix, grantAtLine } from './model/check.ts'
import { grantCounts, policyNodes, relayUsers } from './model/counts.ts'
import { changedLines } from './model/lines.ts'
import { changedWords, failingTests, saveBlocker, saveLabel } from './model/saving.ts'
import { ProblemSummary } from './problem-list.tsx'
import { SaveDialog } from './save-dialog.tsx'
import { SavingPanel } from './saving-panel.tsx'
import type { Target } from './text/policy-text.tsx'
import { TextPanel } from './text-panel.tsx'
import { useChecks } from './use-checks.ts'
import { useDraft } from './use-draft.ts'
import { VersionsPanel } from './versions-panel.tsx'

type Props = {
  readonly initial: PolicyDocument
  readonly initialMachines: MachineRow[]
  readonly initialPeople: PersonRow[]
  readonly initialVersions: PolicyVersionPage
}

const views = [{ value: 'table', label: 'Table' }, { value: 'text', label: 'Text' }, { value: 'both', label: 'Side by side' }] as const
type View = (typeof views)[number]['value']
/** As the breakpoint `card`: below it nothing stands beside anything. */
const narrow = '(max-width: 860px)'

const SimulatePanel = dynamic(async () => (await import('./simulate/simulate-panel.tsx')).SimulatePanel, { loading: () => <SkeletonRows rows={4} compact /> })
const TestsPanel = dynamic(async () => (await import('./tests-panel.tsx')).TestsPanel, { loading: () => <SkeletonRows rows={3} compact /> })

/** What opens between the toolbar and the document, of the document as it stands. */
const tools = [
  { value: 'simulate', label: 'Simulate', icon: Route },
  { value: 'tests', label: 'Tests', icon: FlaskConical },
  { value: 'versions', label: 'Versions', icon: History },
] as const satisfies readonly { readonly value: string; readonly label: string; readonly icon: LucideIcon }[]
type Tool = (typeof tools)[number]['value']

/** A line of the address, as a number from 1; undefined: none. */
function readLine(text: string): number | undefined {
  const line = Number(text)
  return Number.isSafeInteger(line) && line > 0 ? line : undefined
}

export function AccessPage({ initial, initialMachines, initialPeople, initialVersions }: Props) {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const blocked = useBlocked()
  const policy = useQuery({ ...trpc.policy.get.queryOptions(), initialData: initial })
  const machines = useQuery({ ...trpc.machine.list.queryOptions(), initialData: initialMachines })
  const people = useQuery({ ...trpc.person.list.queryOptions(), initialData: initialPeople })
  const draft = useDraft(policy.data)
  const checks = useChecks(draft.text, draft.changed)
  const [viewText, setView] = useSearchParam('view', 'both')
  const isNarrow = useMedia(narrow)
  const chosen: View = views.find(({ value }) => value === viewText)?.value ?? 'both'
  const view: View = isNarrow && chosen === 'both' ? 'table' : chosen
  const [toolText, setTool] = useSearchParam('tool', '')
  const tool: Tool | undefined = tools.find(({ value }) => value === toolText)?.value
  const [lineText, setLine] = useSearchParam('line', '')
  const marked = readLine(lineText)
  const [target, setTarget] = useState<Target | undefined>(marked === undefined ? undefined : { line: marked, focus: false })
  const [cursor, setCursor] = useState(marked ?? 1)
  const [dialog, setDialog] = useState<'save' | 'conflict' | null>(null)
  const [restored, setRestored] = useState<PolicyDocument>()

  const nodes = useMemo(
    () => policyNodes(machines.data, new Map(people.data.map(({ email, role }) => [email.toLowerCase(), role]))),
    [machines.data, people.data],
  )
  const { compiled, grants } = checks.grants
  const counts = useMemo(() => (compiled === undefined ? new Map() : grantCounts(compiled, nodes, grants)), [compiled, nodes, grants])
  const answer = useMemo(() => (compiled === undefined ? undefined : accessAnswer(nodes.length, relayUsers(compiled, nodes))), [compiled, nodes])
  const known = useMemo(() => ({ nodes, people: people.data, policy: checks.grants.policy }), [nodes, people.data, checks.grants.policy])
  const changed = useMemo(() => changedLines(draft.base.text, checks.text), [draft.base.text, checks.text])

  const undo = useMutation(trpc.policy.save.mutationOptions({ onError: sayError }))
  const save = useMutation(trpc.policy.save.mutationOptions({
    onSuccess: (saved) => {
      const before = draft.base
      queryClient.setQueryData(trpc.policy.get.queryKey(), saved)
      draft.take(saved)
      setDialog(null)
      say(`Version ${saved.version} is in force.`, () => undo.mutate({ text: before.text, expectedVersion: saved.version, message: `Back to version ${before.version}` }))
    },
    onError: (error) => {
      if (describeError(error).code !== 'conflict') return
      void policy.refetch()
      setDialog('conflict')
    },
  }))
  const blocker = saveBlocker({ mayWrite: blocked === undefined, changed: draft.changed, errors: checks.errors, failing: failingTests(checks.answer), saving: save.isPending })

  function askToSave(): void {
    if (blocker !== undefined) say(blocker)
    else setDialog(draft.theirs === undefined ? 'save' : 'conflict')
  }

  /** An old version becomes the draft: it is seen and saved like any other change. */
  function restore(version: PolicyDocument): void {
    const { text } = draft
    setRestored(version)
    draft.setText(version.text)
    say(`Version ${version.version} is your draft now. Look at what changes, then save.`, () => draft.setText(text))
  }

  function goTo(line: number, focus = false): void {
    setLine(String(line))
    setTarget({ line, focus })
    setCursor(line)
    if (view === 'table') setView(isNarrow ? 'text' : 'both')
  }

  return (
    <>
      <PageTitle
        title="Access"
        answer={(
          <>
            {answer === undefined ? <><b>The text cannot be read yet:</b> correct its errors to see who may do what.</> : <><b>{answer.strong}</b> {answer.rest}</>}
            {' '}{changedWords(changed)}
          </>
        )}
        actions={(
          <>
            <Button disabled={!draft.changed} onClick={draft.discard}>Discard</Button>
            <Button variant="primary" action why={blocker} onClick={askToSave}>{draft.changed ? saveLabel(checks.endings) : 'Save policy'}</Button>
          </>
        )}
      />
      <Toolbar>
        <Segmented label="View" value={view} onChange={setView} options={isNarrow ? views.filter(({ value }) => value !== 'both') : views} />
        <div className="flex gap-2 max-card:order-last max-card:w-full max-card:gap-0 max-card:[&>*]:flex-1">
          {tools.map(({ value, label, icon }) => (
            <Button key={value} variant="plain" icon={icon} aria-pressed={tool === value} onClick={() => setTool(tool === value ? '' : value)}>{label}</Button>
          ))}
        </div>
        <span className="ml-auto flex"><ProblemSummary problems={checks.problems} onLine={(line) => goTo(line, true)} /></span>
      </Toolbar>
      <div className="mb-3 grid gap-2 empty:hidden">
        {blocked !== undefined && <Note>You may read the policy. {blocked}</Note>}
        {policy.error && <ErrorNote error={policy.error} what="The policy could not be asked for again." retry={() => void policy.refetch()} />}
        {draft.theirs !== undefined && (
          <Note tone="warning" role="alert" action={<Button size="small" onClick={() => setDialog('conflict')}>Compare</Button>}>
            {draft.theirs.author} saved version {draft.theirs.version} while you edited. Your draft is still here.
          </Note>
        )}
        {checks.error !== null && checks.error !== undefined && <ErrorNote error={checks.error} what="What saving ends is not known." />}
      </div>
      {tool === 'simulate' && (
        <div className="mb-4">
          <SimulatePanel machines={machines.data} base={draft.base} text={draft.text} changed={draft.changed} errors={checks.errors} onLine={(line) => goTo(line, true)} />
        </div>
      )}
      {tool === 'tests' && (
        <div className="mb-4">
          <TestsPanel text={draft.text} check={checks.grants} fresh={checks.fresh} machines={machines.data} readOnly={blocked !== undefined} onText={draft.setText} onLine={(line) => goTo(line, true)} />
        </div>
      )}
      {tool === 'versions' && <div className="mb-4"><VersionsPanel initial={initialVersions} onRestore={blocked === undefined ? restore : undefined} /></div>}
      <div className={cx('grid gap-4', view === 'both' && 'wide:grid-cols-2')}>
        {view !== 'text' && (
          <GrantsPanel
            text={draft.text}
            drawn={checks.text}
            saved={draft.base.text}
            onText={draft.setText}
            readOnly={blocked !== undefined}
            policy={checks.grants.policy}
            grants={grants}
            counts={counts}
            problems={checks.problems}
            machines={nodes}
            people={people.data}
            fresh={checks.fresh}
            selected={grantAtLine(grants, cursor)?.index}
            changed={changed}
            onLine={(line) => goTo(line, true)}
          />
        )}
        {view !== 'table' && (
          <TextPanel
            value={draft.text}
            onChange={draft.setText}
            cursor={cursor}
            onLine={setCursor}
            onSave={askToSave}
            readOnly={blocked !== undefined}
            problems={checks.problems}
            changed={changed}
            known={known}
            marked={marked}
            target={target}
            onProblem={(line) => goTo(line, true)}
            onFix={(fix) => draft.setText(applyFix(draft.text, fix))}
          />
        )}
      </div>
      {draft.changed && <div className="mt-4"><SavingPanel base={draft.theirs ?? draft.base} answer={checks.answer} errors={checks.errors} onLine={(line) => goTo(line, true)} /></div>}
      <SaveDialog
        open={dialog === 'save'}
        onOpenChange={(open) => setDialog(open ? 'save' : null)}
        answer={checks.answer}
        endings={checks.endings}
        suggestion={restored !== undefined && restored.text === draft.text ? `Restore version ${restored.version}` : ''}
        busy={save.isPending}
        error={save.error}
        onSave={(message) => save.mutate({ text: draft.text, expectedVersion: draft.base.version, message })}
      />
      {draft.theirs !== undefined && (
        <ConflictDialog
          open={dialog === 'conflict'}
          onOpenChange={(open) => setDialog(open ? 'conflict' : null)}
          theirs={draft.theirs}
          mine={draft.text}
          base={draft.base}
          onMerge={(text) => { draft.merge(text); setDialog(null) }}
          onTakeTheirs={() => { draft.discard(); setDialog(null) }}
          onKeepMine={() => { draft.keepMine(); setDialog('save') }}
        />
      )}
    </>
  )
}
