'use client'
import { Button } from '../../ui/button.tsx'
import { Field, Input } from '../../ui/field.tsx'
import type { Problems, TypedServer } from '../model/derp-form.ts'

type Props = {
  readonly at: number
  readonly server: TypedServer
  readonly problems: Problems
  readonly onChange: (server: TypedServer) => void
  /** Absent: it is the only one. */
  readonly onRemove?: () => void
}

/** One DERP server of a region. */
export function ServerFields({ at, server, problems, onChange, onRemove }: Props) {
  const field = (name: keyof TypedServer, label: string, hint: string, className: string, mono = true) => {
    const problem = problems[`servers.${at}.${name}`]
    return (
      <Field label={label} hint={hint} className={className} {...(problem === undefined ? {} : { error: problem })}>
        <Input
          mono={mono}
          value={server[name]}
          autoComplete="off"
          spellCheck={false}
          {...(name === 'derpPort' || name === 'stunPort' ? { inputMode: 'numeric' as const } : {})}
          onChange={(event) => onChange({ ...server, [name]: event.target.value })}
        />
      </Field>
    )
  }
  return (
    <fieldset className="grid grid-cols-2 gap-x-4 gap-y-3 rounded-control border p-3 map:grid-cols-4">
      <legend className="px-1 text-12 text-muted-foreground">Server {at + 1}</legend>
      {field('host', 'Host', 'Name or address.', 'col-span-2')}
      {field('derpPort', 'DERP port', 'TCP.', '')}
      {field('stunPort', 'STUN port', 'UDP, 0: none.', '')}
      {field('ipv4', 'IPv4', 'Empty: looked up. none: has none.', 'col-span-2')}
      {field('ipv6', 'IPv6', 'Empty: looked up. none: has none.', 'col-span-2')}
      {field('pin', 'Certificate’s SHA-256', 'For a self-signed one: 64 hex digits. Empty: checked by its name.', 'col-span-2 map:col-span-4')}
      {onRemove && <div className="col-span-2 map:col-span-4"><Button size="small" onClick={onRemove}>Remove server {at + 1}</Button></div>}
    </fieldset>
  )
}
