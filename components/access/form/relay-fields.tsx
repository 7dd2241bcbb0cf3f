'use client'
import { Field, Input, Select } from '../../ui/field.tsx'
import { relayProblems, type RelayField, type RelayForm } from '../model/relay-form.ts'

const fields: readonly { readonly name: Exclude<RelayField, 'family'>; readonly label: string; readonly hint: string; readonly placeholder: string }[] = [
  { name: 'maxSessions', label: 'Sessions at most', hint: 'Of one client on one relay, at the same time.', placeholder: 'no limit' },
  { name: 'quota', label: 'Amount a month', hint: 'All relays together, calendar month in UTC: 2TiB/month.', placeholder: 'no limit' },
  { name: 'maxRate', label: 'Rate at most', hint: 'Of one client on one relay, all sessions together, each way: 50mbit, 1gbit.', placeholder: 'no limit' },
  { name: 'prefer', label: 'Preference', hint: 'Clients are sent the relays with the highest that are up.', placeholder: '0' },
]

/** The limits of a relay grant (spec/policy.md §14). Where several grants apply to a pair, the most generous counts. */
export function RelayFields({ value, onChange, error, readOnly }: {
  readonly value: RelayForm
  readonly onChange: (value: RelayForm) => void
  readonly error?: string | undefined
  readonly readOnly: boolean
}) {
  if (value.kept !== undefined) {
    return <p className="text-12 text-muted-foreground">It has several sets of limits, which are kept: <code className="font-mono wrap-anywhere">{JSON.stringify(value.kept)}</code> Change them in the text.</p>
  }
  const problems = relayProblems(value)
  const rest = Object.keys(value.rest)
  return (
    <div className="grid gap-3">
      <div className="grid grid-cols-2 gap-3 max-card:grid-cols-1">
        {fields.map(({ name, label, hint, placeholder }) => {
          const problem = problems.get(name)
          return (
            <Field key={name} label={label} hint={hint} {...(problem === undefined ? {} : { error: problem })}>
              <Input value={value[name]} placeholder={placeholder} autoComplete="off" spellCheck={false} readOnly={readOnly} onChange={(event) => onChange({ ...value, [name]: event.target.value })} />
            </Field>
          )
        })}
        <Field label="Addresses" hint="Which of the relay’s addresses clients may use.">
          <Select value={value.family} disabled={readOnly} onChange={(event) => onChange({ ...value, family: event.target.value })}>
            <option value="">IPv4 and IPv6</option>
            <option value="ipv4">IPv4 only</option>
            <option value="ipv6">IPv6 only</option>
          </Select>
        </Field>
      </div>
      {rest.length > 0 && <p className="text-12 text-muted-foreground">Kept as written: {rest.map((name) => <code key={name} className="mr-1 font-mono">{name}</code>)}</p>}
      {error !== undefined && problems.size === 0 && <p role="alert" data-bad tabIndex={-1} className="text-12 text-critical">{error}</p>}
    </div>
  )
}
