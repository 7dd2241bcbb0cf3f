import Link from 'next/link'
import type { MachineDetail } from '../../server/trpc/types.ts'
import { Panel } from '../ui/panel.tsx'

/** What the policy says of how its client behaves, and where. Machines without any have no such panel. */
export function AttributesPanel({ machine }: { readonly machine: MachineDetail }) {
  if (machine.attributes.length === 0) return null
  return (
    <Panel title="Attributes" aside={<Link className="link" href="/access">Policy</Link>}>
      <ul className="m-0 list-none px-4 py-2 text-13">
        {machine.attributes.map(({ name, lines, isSent }) => (
          <li key={name} className="flex flex-wrap items-baseline justify-between gap-x-3 py-1">
            <span className="min-w-0"><code className="text-12 break-all">{name}</code>{!isSent && <span className="text-muted-foreground"> not sent: it has no effect here</span>}</span>
            <span className="flex gap-2">{lines.map((line) => <Link key={line} className="link whitespace-nowrap" href={`/access?line=${line}`}>line {line}</Link>)}</span>
          </li>
        ))}
      </ul>
    </Panel>
  )
}
