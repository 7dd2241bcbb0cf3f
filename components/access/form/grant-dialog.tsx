'use client'
import { useDeferredValue, useMemo, useState, type ReactNode } from 'react'
import { compilePolicy } from '@/policy/compile.ts'
import { parseIpEntry } from '@/policy/ports.ts'
import { Button } from '../../ui/button.tsx'
import { Note } from '../../ui/error-note.tsx'
import { Checkbox, Field, Select, Textarea } from '../../ui/field.tsx'
import { grantCounts } from '../model/counts.ts'
import { fieldProblems } from '../model/field-problem.ts'
import { formOf, impactWords, tryForm, type FormField, type FormTarget, type GrantForm } from '../model/grant-form.ts'
import { grantViews } from '../model/grants.ts'
import { relayFormOf } from '../model/relay-form.ts'
import { machineCounts, machineNames, selectorOptions, type Known } from '../model/selector-options.ts'
import { FormDialog } from './form-dialog.tsx'
import { PortPicker } from './port-picker.tsx'
import { RelayFields } from './relay-fields.tsx'
import { SelectorPicker } from './selector-picker.tsx'

type Props = {
  readonly text: string
  readonly target: FormTarget
  readonly known: Known
  readonly readOnly: boolean
  /** The document with the form's changes. */
  readonly onDone: (text: string) => void
  readonly onText: () => void
  readonly onClose: () => void
}

const protocols = ['tcp', 'udp', 'icmp', 'ipv6-icmp', 'sctp'] as const

/** A grant as a form. It changes the draft's text and saves nothing. */
export function GrantDialog({ text, target, known, readOnly, onDone, onText, onClose }: Props) {
  const { row } = target
  const isAcl = row?.list === 'acls'
  const [begun] = useState<GrantForm>(() => (target.row === undefined ? target.start : formOf(target.row)))
  const [form, setForm] = useState(begun)
  const [typedPort, setTypedPort] = useState('')
  const [asked, setAsked] = useState(false)
  const settled = useDeferredValue(form)
  const result = useMemo(() => tryForm(text, settled, target), [text, settled, target])
  const impact = useMemo(() => impactOf(result.text, result.policy, target, settled, known), [result, target, settled, known])
  const lists = useMemo(() => {
    const source = selectorOptions(known, 'source')
    const destination = selectorOptions(known, 'destination')
    return { source, destination, router: selectorOptions(known, 'router'), counts: machineCounts(known, [...source, ...destination]) }
  }, [known])
  const nameOf = useMemo(() => machineNames(known.machines), [known.machines])

  /** What is still to be filled in of a new grant is said once it is to be added. */
  const wrong = (field: FormField): string | undefined => {
    const open = field === 'src' ? form.src.length === 0 : field === 'dst' ? form.dst.length === 0 : field === 'rule'
    return open && row === undefined && !asked ? undefined : result.problems.get(field)
  }
  const set = (change: Partial<GrantForm>): void => setForm({ ...form, ...change })

  function done(): boolean {
    const now = tryForm(text, form, target)
    setAsked(true)
    if (now.text === undefined || now.problems.size > 0 || portProblem !== undefined) return false
    onDone(now.text)
    return true
  }

  const picker = { counts: lists.counts, noteOf: nameOf, policy: known.policy, readOnly }
  const portProblem = problemOfPort(typedPort)
  const ruleProblem = wrong('rule')
  const problems = fieldProblems([
    ['Who', wrong('src')], ['May use', wrong('dst')], ['Protocol', wrong('proto')], ['Ports to reach', portProblem ?? wrong('ip')],
    ['Limits', wrong('relay')], ['What it gives', ruleProblem], ['Only through routers with', wrong('via')], ['Comment', wrong('comment')],
  ])
  return (
    <FormDialog
      wide
      title={row === undefined ? 'New grant' : `${isAcl ? 'Acl' : 'Grant'} of line ${row.line}`}
      verb={row === undefined ? 'Add grant' : 'Change grant'}
      readOnly={readOnly}
      changed={form !== begun || typedPort !== ''}
      problems={problems}
      aside={row !== undefined && <Button variant="plain" className="mr-auto" onClick={onText}>Show in text</Button>}
      onDone={done}
      onClose={onClose}
    >
      <div className="grid gap-5">
        <SelectorPicker label="Who" hint="Sources: who may begin." error={wrong('src')} values={form.src} onChange={(src) => set({ src })} options={lists.source} {...picker} />
        <SelectorPicker
          label="May use"
          hint={isAcl ? 'Destinations, each with its ports behind a colon: tag:web:443.' : 'Destinations: servers, or the relays themselves.'}
          error={wrong('dst')}
          values={form.dst}
          onChange={(dst) => set({ dst })}
          options={lists.destination}
          {...(isAcl ? { suffix: ':*' } : {})}
          {...picker}
        />
        {isAcl ? (
          <Field label="Protocol" hint="Without one TCP, UDP and ICMP count." {...optional(wrong('proto'))}>
            <Select value={form.proto} disabled={readOnly} onChange={(event) => set({ proto: event.target.value })}>
              <option value="">Any</option>
              {[...new Set([...protocols, ...form.proto === '' ? [] : [form.proto]])].map((proto) => <option key={proto} value={proto}>{proto}</option>)}
            </Select>
          </Field>
        ) : (
          <>
            <Group title="What it gives">
              <PortPicker values={form.ip} typed={typedPort} onChange={(ip) => set({ ip })} onTyped={setTypedPort} error={portProblem ?? wrong('ip')} readOnly={readOnly} />
              <Checkbox
                label="Use as relays"
                hint="The destinations relay for the sources. They need not be able to reach them otherwise."
                checked={form.relay !== undefined}
                disabled={readOnly}
                onChange={(checked) => set({ relay: checked ? begun.relay ?? relayFormOf([{}]) : undefined })}
              />
              {form.relay !== undefined && <RelayFields value={form.relay} onChange={(relay) => set({ relay })} error={wrong('relay')} readOnly={readOnly} />}
              {form.others.size > 0 && (
                <div className="text-12 text-muted-foreground">
                  Other capabilities, kept as written:
                  <ul className="m-0 mt-1 list-none p-0 font-mono">{[...form.others].map(([name, value]) => <li key={name} className="wrap-anywhere">{name} {JSON.stringify(value)}</li>)}</ul>
                </div>
              )}
              {ruleProblem !== undefined && <p role="alert" data-bad tabIndex={-1} className="text-12 text-critical">{ruleProblem}</p>}
            </Group>
            <SelectorPicker label="Only through routers with" hint="Tags of subnet routers or exit nodes; none: any way." error={wrong('via')} values={form.via} onChange={(via) => set({ via })} options={lists.router} {...picker} />
          </>
        )}
        <Field label="Comment" hint="Stands above it in the text." {...optional(wrong('comment'))}>
          <Textarea rows={2} value={form.comment} readOnly={readOnly} onChange={(event) => set({ comment: event.target.value })} />
        </Field>
        {isAcl && ruleProblem !== undefined && <p role="alert" data-bad tabIndex={-1} className="text-12 text-critical">{ruleProblem}</p>}
        <Note><output>{impactWordsOr(impact, problems[0]?.label)}</output></Note>
      </div>
    </FormDialog>
  )
}

function impactWordsOr(impact: string | undefined, bad: string | undefined): string {
  return impact ?? (bad === undefined ? 'Fill in the rest to see whom it is for.' : `Correct “${bad}” to see whom it is for.`)
}

function problemOfPort(typed: string): string | undefined {
  const parsed = typed.trim() === '' ? undefined : parseIpEntry(typed.trim())
  return parsed?.ok === false ? parsed.reason : undefined
}

function optional(error: string | undefined): { error?: string } {
  return error === undefined ? {} : { error }
}

function Group({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <fieldset className="m-0 grid min-w-0 gap-3 rounded-control border p-3">
      <legend className="px-1 text-13 font-medium">{title}</legend>
      {children}
    </fieldset>
  )
}

/** Whom the changed row would be for, in words. */
function impactOf(text: string | undefined, policy: ReturnType<typeof tryForm>['policy'], target: FormTarget, form: GrantForm, known: Known): string | undefined {
  if (text === undefined || policy === undefined) return undefined
  const list = target.row?.list ?? 'grants'
  const rows = grantViews(text, policy).filter((row) => row.list === list)
  const row = target.row === undefined ? rows.at(-1) : rows.find(({ at }) => at === target.row.at)
  const count = row && grantCounts(compilePolicy(policy), known.machines, [row]).get(row.index)
  return count && impactWords(form, count, list === 'acls')
}
