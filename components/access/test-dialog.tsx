'use client'
import { useId, useMemo, useState } from 'react'
import type { Policy } from '@/policy/index.ts'
import { Note } from '../ui/error-note.tsx'
import { Field, Input, Select } from '../ui/field.tsx'
import { Segmented } from '../ui/segmented.tsx'
import { FormDialog } from './form/form-dialog.tsx'
import { fieldProblems } from './model/field-problem.ts'
import { selectorOptions } from './model/selector-options.ts'
import { emptyTest, tryTest, type TestField, type TestForm, type TestNetwork } from './model/tests.ts'

type Props = {
  readonly text: string
  readonly policy: Policy | undefined
  readonly network: TestNetwork
  /** The document with the new test. */
  readonly onDone: (text: string) => void
  readonly onClose: () => void
}

const kinds = [{ value: 'reach', label: 'Reaching' }, { value: 'relay', label: 'Using a relay' }] as const
const expectations = [{ value: 'accept', label: 'Must be allowed' }, { value: 'deny', label: 'Must be denied' }] as const

/** A new test as a form, with what it says now. It changes the draft's text and saves nothing. */
export function TestDialog({ text, policy, network, onDone, onClose }: Props) {
  const id = useId()
  const [form, setForm] = useState<TestForm>(emptyTest)
  const [asked, setAsked] = useState(false)
  const { text: made, outcome, problems } = useMemo(() => tryTest(text, form, network), [text, form, network])
  const options = useMemo(() => {
    const known = policy && { policy, machines: network.nodes, people: network.people }
    // A test names one machine's identity or address: what is many of them at once is refused.
    const of = (place: 'source' | 'destination'): string[] => (known ? selectorOptions(known, place).map(({ value }) => value).filter((value) => !/^(?:\*$|ipset:|autogroup:internet$)/.test(value)) : [])
    return { src: of('source'), dst: of('destination') }
  }, [policy, network])

  const isEmpty: Readonly<Record<TestField, boolean>> = { src: form.src === '', dst: form.dst === '', port: form.port === '' }
  const wrong = (field: TestField): { error?: string } => {
    const error = problems[field]
    return error === undefined || (isEmpty[field] && !asked) ? {} : { error }
  }
  const set = (change: Partial<TestForm>): void => setForm({ ...form, ...change })
  const isRelay = form.kind === 'relay'

  function done(): boolean {
    setAsked(true)
    if (made === undefined) return false
    onDone(made)
    return true
  }

  return (
    <FormDialog
      title="New test"
      verb="Add test"
      changed={form !== emptyTest}
      problems={fieldProblems([['Who', wrong('src').error], [isRelay ? 'Relay' : 'Destination', wrong('dst').error], ['Port', wrong('port').error]])}
      onDone={done}
      onClose={onClose}
    >
      <div className="grid gap-4">
        <div className="flex flex-wrap gap-2">
          <Segmented label="What is tested" value={form.kind} onChange={(kind) => set({ kind })} options={kinds} />
          <Segmented label="What is expected" value={form.expected} onChange={(expected) => set({ expected })} options={expectations} />
        </div>
        <Field label="Who" hint="A person, group, tag or address: all of its machines must agree." {...wrong('src')}>
          <Input mono autoComplete="off" spellCheck={false} list={`${id}-src`} value={form.src} onChange={(event) => set({ src: event.target.value })} />
        </Field>
        <Field label={isRelay ? 'Relay' : 'Destination'} hint={isRelay ? 'A tag, or the address of one relay.' : 'A tag, person, host or address.'} {...wrong('dst')}>
          <Input mono autoComplete="off" spellCheck={false} list={`${id}-dst`} value={form.dst} onChange={(event) => set({ dst: event.target.value })} />
        </Field>
        {!isRelay && (
          <div className="grid grid-cols-2 gap-3">
            <Field label="Port" {...wrong('port')}>
              <Input mono inputMode="numeric" autoComplete="off" value={form.port} onChange={(event) => set({ port: event.target.value })} />
            </Field>
            <Field label="Protocol">
              <Select value={form.proto} onChange={(event) => set({ proto: protoOf(event.target.value) })}>
                <option value="">TCP or UDP</option><option value="tcp">TCP</option><option value="udp">UDP</option><option value="sctp">SCTP</option>
              </Select>
            </Field>
          </div>
        )}
        <datalist id={`${id}-src`}>{options.src.map((value) => <option key={value} value={value}>{value}</option>)}</datalist>
        <datalist id={`${id}-dst`}>{options.dst.map((value) => <option key={value} value={value}>{value}</option>)}</datalist>
        <output className="block">
          <Note {...(outcome?.passed === false ? { tone: 'warning' } : {})}>
            {outcome === undefined ? 'Fill in the rest to see whether it holds now.' : `${outcome.passed ? 'Holds now.' : 'Fails now: saving would be refused.'} ${outcome.reason}`}
          </Note>
        </output>
      </div>
    </FormDialog>
  )
}

function protoOf(value: string): TestForm['proto'] {
  return value === 'tcp' || value === 'udp' || value === 'sctp' ? value : ''
}
