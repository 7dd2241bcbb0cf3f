'use client'
import Link from 'next/link'
import type { RelayRow } from '../../server/trpc/types.ts'
import { Sparkline } from '../chart/sparkline.tsx'
import { useBlocked } from '../settings/blocked.ts'
import { Command } from '../ui/copy.tsx'
import { Rate } from '../ui/figures.tsx'
import { Panel } from '../ui/panel.tsx'
import { Switch } from '../ui/switch.tsx'
import { sourceWords } from './addresses.tsx'
import { RelayStateMark } from './relay-state.tsx'
import { actualOf, firewallRule, switchWhy } from './relay-words.ts'
import { isUntold } from './client-words.ts'
import { UsePortButton } from './use-port-button.tsx'

/** The network's only relay: its switch, and what it needs to be reached. */
export function OneRelay({ relay, onSwitch }: { readonly relay: RelayRow; readonly onSwitch: (wanted: boolean) => void }) {
  const blocked = useBlocked()
  const port = relay.boundPort ?? relay.port
  const on = relay.advertised
  return (
    <Panel title={on ? 'Your first relay' : 'Turn on this machine'} aside={<Link className="link" href={`/relays/${relay.id}`}>Graphs and settings</Link>} pad>
      <div className="flex min-h-10 flex-wrap items-start gap-x-5 gap-y-2">
        <Link href={`/relays/${relay.id}`} className="text-14 font-medium hover:underline">{relay.name}</Link>
        <RelayStateMark relay={relay} />
        <UsePortButton relay={relay} />
        {relay.state === 'relaying' && (
          <span className="flex items-center gap-4 text-13">
            <Sparkline values={relay.sparkline} label={`Throughput of ${relay.name}, last 15 minutes`} />
            <Rate bits={relay.rateOut} className="dim" />
            {!isUntold(relay) && <span className="dim">{relay.sessions} <span className="text-muted-foreground">{relay.sessions === 1 ? 'session' : 'sessions'}</span></span>}
          </span>
        )}
        <span className="ml-auto flex items-center gap-2.5 text-13 text-muted-foreground">
          {on ? 'On' : 'Off'}
          <Switch wanted={on} actual={actualOf(relay)} label={`Relay ${relay.name}`} onChange={onSwitch} {...switchWhy(blocked, relay)} />
        </span>
      </div>
      <p className="mt-3 max-w-[72ch] text-14 text-muted-foreground">
        {relay.state === 'relaying' ? 'It relays' : 'It will relay'} on UDP port {port}
        {relay.addresses.length > 0 && (relay.state === 'relaying' ? ', at these addresses' : '; its addresses')}
        {relay.addresses.length > 0 ? ':' : '.'}
      </p>
      {relay.addresses.length > 0 && (
        <ul className="dim mt-1.5 grid gap-0.5 text-13">
          {relay.addresses.map(({ address, source }) => (
            <li key={address}><span className="font-mono text-12">{address}</span> <span className="text-12 text-muted-foreground">{sourceWords[source]}</span></li>
          ))}
        </ul>
      )}
      <p className="mt-3 mb-2 text-14 text-muted-foreground">The one firewall rule it needs:</p>
      <Command text={firewallRule(port)} what="the firewall rule" />
    </Panel>
  )
}
