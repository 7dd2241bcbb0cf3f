import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import type { Named } from '../model/definitions.ts'

export function NoGrants() {
  return (
    <EmptyState title="No grants.">
      A grant says who may use what: “people may reach the tag web on port 443”. With an empty list no machine reaches another; without
      “grants” and “acls” every machine reaches every other. Add one, or write{' '}
      <code>{'{"src": ["*"], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": [{}]}}'}</code>
    </EmptyState>
  )
}

const teaching: Readonly<Record<Named, { readonly title: string; readonly text: string }>> = {
  groups: { title: 'No groups.', text: 'A group is a list of people, so that a grant says “group:ops” rather than each of them. Who joins the group has all that it was granted.' },
  tagOwners: { title: 'No tags.', text: 'A tag is what a machine is for, such as tag:web. A machine with a tag belongs to nobody: grants mean it by its tags alone. Owners are who may give it.' },
  hosts: { title: 'No hosts.', text: 'A host is a name for an address or a network, such as “printer” for 192.0.2.7, for use in grants.' },
}

export function NothingDefined({ of }: { readonly of: Named }) {
  const { title, text } = teaching[of]
  return <EmptyState title={title}>{text}</EmptyState>
}

export function NothingMatches({ total, filter, onAll }: { readonly total: number; readonly filter: string; readonly onAll: () => void }) {
  return (
    <EmptyState title="Nothing matches." action={<Button onClick={onAll}>Show all {total}</Button>}>
      None of the {total} has all of “{filter}” in its names, comment or line.
    </EmptyState>
  )
}
