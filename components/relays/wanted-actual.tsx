'use client'
import type { ReactNode } from 'react'
import { formatRate } from '../../lib/rate.ts'
import type { RelayDetail } from '../../server/trpc/types.ts'
import { None } from '../ui/figures.tsx'
import { formatCount } from '../ui/format.ts'
import { Button } from '../ui/button.tsx'
import { Panel } from '../ui/panel.tsx'
import { RelayStateMark, useStateWords } from './relay-state.tsx'
import { buffersText, dataPlaneText, kibText } from './relay-words.ts'

function Fact({ name, wanted, actual }: { readonly name: string; readonly wanted: ReactNode; readonly actual: ReactNode }) {
  return (
    <tr className="h-[34px]">
      <th scope="row" className="border-t px-4 py-[7px] text-left align-top font-normal text-muted-foreground">{name}</th>
      <td className="border-t py-[7px] pr-3 align-top break-words">{wanted}</td>
      <td className="border-t py-[7px] pr-4 align-top break-words">{actual}</td>
    </tr>
  )
}

/** A line each; one that is too long breaks between address and port, and inside only where the address alone is too long. */
function Endpoints({ list }: { readonly list: readonly string[] }) {
  return (
    <ul className="font-mono text-12 tracking-[-0.015em]">
      {list.map((endpoint) => {
        const colon = endpoint.lastIndexOf(':')
        return <li key={endpoint} className="wrap-anywhere">{endpoint.slice(0, colon)}<wbr /><span className="whitespace-nowrap">{endpoint.slice(colon)}</span></li>
      })}
    </ul>
  )
}

/** What is wanted of the relay beside what it reports. */
export function WantedActual({ relay, onEdit, blocked }: {
  readonly relay: RelayDetail
  readonly onEdit: () => void
  /** Why the viewer of the page cannot edit, if so. */
  readonly blocked: string | undefined
}) {
  const { reason } = useStateWords()(relay)
  // What is less than it could be while it relays is a sentence, too long for its column; why it does not relay stands in it.
  const note = relay.approved && relay.state === 'relaying' ? reason : ''
  const advertised = new Set(relay.addresses.map(({ address }) => address))
  // What it last bound says nothing once it is off, away or cannot.
  const carries = relay.state === 'relaying' || relay.state === 'draining'
  const missing = relay.staticEndpoints.filter((address) => !advertised.has(address))
  return (
    <Panel title="Wanted and actual" aside={<Button variant="plain" size="small" action onClick={onEdit} {...(blocked === undefined ? { className: '!text-accent' } : { title: blocked, disabled: true })}>Edit</Button>}>
      <table className="w-full table-fixed text-13" aria-label="Wanted and actual">
        <thead>
          <tr className="h-8 text-12 text-muted-foreground">
            <th scope="col" className="w-[36%] px-4 text-left font-normal"><span className="sr-only">What</span></th>
            <th scope="col" className="pr-3 text-left font-normal">Wanted</th>
            <th scope="col" className="pr-4 text-left font-normal">Actual</th>
          </tr>
        </thead>
        <tbody>
          <Fact name="Relay" wanted={relay.advertised ? 'On' : 'Off'} actual={<RelayStateMark relay={relay} inline={note !== ''} />} />
          {note !== '' && <tr><td colSpan={3} className="px-4 pb-2.5 text-12 wrap-anywhere text-muted-foreground">{note}</td></tr>}
          <Fact name="UDP port" wanted={relay.port} actual={(carries ? relay.boundPort : null) ?? <None />} />
          <Fact
            name="Static addresses"
            wanted={relay.staticEndpoints.length === 0 ? 'none' : <Endpoints list={relay.staticEndpoints} />}
            actual={relay.staticEndpoints.length === 0 ? <None /> : relay.state !== 'relaying' ? <None /> : missing.length === 0 ? 'Advertised' : `${missing.length} not advertised`}
          />
          <Fact name="Region" wanted={relay.region || 'none'} actual={<None />} />
          {relay.client === null && <Fact name="Endpoint limit" wanted={formatCount(relay.maxEndpoints)} actual={relay.endpoints === null ? <None /> : `${formatCount(relay.endpoints)} in use`} />}
          {relay.client === null && <Fact name="Handshakes" wanted={<>{formatCount(relay.handshakesPerSecond)} <span className="text-muted-foreground">/s per source</span></>} actual={<None />} />}
          <Fact name="Configuration" wanted={relay.client && relay.revision === 0 ? 'as set there' : `Revision ${relay.revision}`} actual={relay.client && relay.revision === 0 ? <None /> : relay.appliedRevision === relay.revision ? `${relay.appliedRevision}, applied` : `${relay.appliedRevision}, not yet`} />
          <Fact name={relay.client ? 'Client' : 'Agent'} wanted={<None />} actual={relay.version || <None />} />
          {relay.dataplane && <Fact name="Data plane" wanted={<None />} actual={dataPlaneText(relay, carries)} />}
          {carries && relay.buffers && <Fact name="Socket buffers" wanted={kibText(relay.buffers.asked)} actual={buffersText(relay.buffers)} />}
          {relay.sessionRate !== null && <Fact name="Rate of a session" wanted={<None />} actual={`${formatRate(relay.sessionRate)} each\u00a0way`} />}
        </tbody>
      </table>
      {relay.requestedPort !== null && relay.requestedPort !== relay.port && (
        <p className="border-t px-4 py-2.5 text-12 text-muted-foreground">The machine’s own command line asks for port {relay.requestedPort}. Edit the port here to follow it.</p>
      )}
    </Panel>
  )
}
