import type { Login } from '../../../server/trpc/types.ts'

type Machine = NonNullable<Login['machine']>

/** What a machine is called before it has a name: its host's, or no name at all. */
export function nameOf(machine: Machine | null): string {
  return machine?.returning?.name ?? (machine?.hostname || 'The machine')
}

/** What came of a login that waits no more: one title, and what to do now. */
export function loginOutcome({ state, machine, joined }: Login): { readonly title: string; readonly text: string } {
  const name = joined?.name ?? nameOf(machine)
  switch (state) {
    case 'waiting': return { title: `${name} waits`, text: 'Nobody has decided yet.' }
    case 'approved': return joined === null
      ? { title: `${name} was let in`, text: 'It is not in the network any more. Run tailscale up there for a new address.' }
      : joined.another
        ? { title: `${name} is another person’s`, text: 'Somebody else let it in by this address. If you started it, run tailscale up --force-reauth there for a new one.' }
        : joined.authorized
        ? { title: `${name} is in`, text: 'The client goes on by itself. You may close this page.' }
        : { title: `${name} is yours, and waits`, text: 'An owner or admin of this network approves it on the Machines page. The client goes on by itself then.' }
    case 'refused': return { title: `${name} was refused`, text: 'It was told, and is not in the network.' }
    case 'lapsed': return { title: `${name} asked too long ago`, text: 'An address is good for 15 minutes. The client shows a new one; if not, run tailscale up there again.' }
    case 'unknown': return { title: 'Nothing asks to join here', text: 'Check that the address was copied whole, or run tailscale up there again for a new one.' }
  }
}

/** What it means to let a machine in, one sentence. */
export function loginQuestion(machine: Machine, networkName: string): string {
  if (machine.returning !== null) return `It is your machine ${machine.returning.name} with a new key. It keeps its name and addresses in ${networkName}.`
  return machine.tags.length > 0 ? `It asks to join ${networkName} with ${machine.tags.join(', ')}: then it belongs to no person.` : `It asks to join ${networkName} as yours.`
}
