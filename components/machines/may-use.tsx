import Link from 'next/link'
import type { MachineDetail } from '../../server/trpc/types.ts'
import { splitAtName } from '../activity/model/target.ts'
import { Limits } from '../relays/limits.tsx'
import { State } from '../ui/chamber.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { plural } from '../ui/format.ts'
import { Panel } from '../ui/panel.tsx'
import { Head, Table, Td, Th } from '../ui/table.tsx'

/** Every relay, whether this machine may use it, and which line of the policy says so. */
export function MayUse({ machine }: { readonly machine: MachineDetail }) {
  return (
    <Panel title="Relays it may use" aside={<><Link className="link" href={`/access?tool=simulate&from=${machine.id}`}>Simulate</Link><Link className="link" href="/access">Policy</Link></>}>
      {machine.relays.length === 0 ? (
        <EmptyState title="There is no other relay.">Turn one on in <Link className="link" href="/relays">Relays</Link>; until then every pair without a direct path uses DERP.</EmptyState>
      ) : (
        <Table label="Relays it may use" cards>
          <Head><Th>Relay</Th><Th>May use</Th><Th>Why</Th></Head>
          <tbody>
            {machine.relays.map((relay) => (
              <tr key={relay.id}>
                <Td card="title"><Link href={`/relays/${relay.id}`} className="font-medium hover:underline card:whitespace-nowrap">{relay.name}</Link></Td>
                <Td card="action"><RelayUse relay={relay} /></Td>
                <Td card="wide" className="text-muted-foreground">
                  <Sentence text={relay.sentence} line={relay.line} />
                  <Limits limits={relay.limits} withLines />
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Panel>
  )
}

/** The line that the sentence names is where the link stands; a sentence that names none gets it at its end. */
function Sentence({ text, line }: { readonly text: string; readonly line: number | null }) {
  if (line === null) return text
  const link = <Link className="link whitespace-nowrap" href={`/access?line=${line}`}>line {line}</Link>
  const parts = splitAtName(text, `line ${line}`)
  return parts === undefined ? <>{text} {link}</> : <>{parts[0]}{link}{parts[2]}</>
}

function RelayUse({ relay }: { readonly relay: MachineDetail['relays'][number] }) {
  if (!relay.allowed) return <State kind="empty" word="No" />
  return relay.up ? <State kind="full" word="Yes" /> : <State kind="offline" word="Yes" reason="not up now" />
}

/** The machines it may open connections to. */
export function MayReach({ machine }: { readonly machine: MachineDetail }) {
  const hidden = machine.reachCount - machine.reaches.length
  return (
    <Panel
      title="Machines it may reach"
      aside={plural(machine.reachCount, 'machine')}
      {...(hidden > 0 ? { footer: `and ${plural(hidden, 'machine')} more` } : {})}
    >
      {machine.reaches.length === 0 ? (
        <EmptyState title="None.">No grant with ports has it as a source and another machine as a destination. <Link className="link" href="/access">Open the policy</Link></EmptyState>
      ) : (
        <ul className="m-0 flex list-none flex-wrap gap-x-4 gap-y-1 px-4 py-3 text-13">
          {machine.reaches.map(({ id, name }) => <li key={id}><Link className="link" href={`/machines/${id}`}>{name}</Link></li>)}
        </ul>
      )}
    </Panel>
  )
}
