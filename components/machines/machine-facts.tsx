import type { MachineDetail } from '../../server/trpc/types.ts'
import { Fact, Facts, Identifier } from '../settings/facts.tsx'
import { CopyButton } from '../ui/copy.tsx'
import { None, RelativeTime } from '../ui/figures.tsx'
import { Panel } from '../ui/panel.tsx'
import { Tags } from '../ui/tag.tsx'
import { kindWords } from './machine-table.tsx'
import { offerWords } from './model/routes.ts'

export function MachineFacts({ machine }: { readonly machine: MachineDetail }) {
  return (
    <Panel title="About it">
      <Facts>
        <Fact label="Kind">{kindWords(machine)}</Fact>
        <Fact label="Owner">{machine.tags.length > 0 ? <span className="text-muted-foreground">its tags</span> : machine.owner ?? <None />}</Fact>
        <Fact label="Tags">{machine.tags.length > 0 ? <Tags tags={machine.tags} /> : <None />}</Fact>
        <Fact label="Hostname">{machine.hostname || <None />}</Fact>
        <Fact label="System">{machine.client?.system || machine.os || <None />}</Fact>
        <Fact label="Version">
          {machine.version || <None />}
          {machine.client !== null && machine.capVersion > 0 && <span className="text-muted-foreground">, capability version {machine.capVersion}</span>}
        </Fact>
        {machine.client !== null && <ClientFacts client={machine.client} offers={offerWords(machine)} />}
        <Fact label="Home DERP">{machine.homeDerp ?? <None />}</Fact>
        <Fact label="Last seen">{machine.online ? 'now' : <RelativeTime at={machine.lastSeen} />}</Fact>
        <Fact label="Joined"><RelativeTime at={machine.createdAt} /></Fact>
      </Facts>
    </Panel>
  )
}

/** What a stock client says of itself. */
function ClientFacts({ client, offers }: { readonly client: NonNullable<MachineDetail['client']>; readonly offers: string }) {
  const all = [...(client.relay ? ['relay'] : []), ...(offers === '' ? [] : [offers])].join(', ')
  return (
    <>
      <Fact label="For others">{all || <None />}</Fact>
      <Fact label="NAT">{client.hardNat === null ? <None /> : client.hardNat ? 'hard: another port to each destination' : 'easy: one port to all destinations'}</Fact>
      <Fact label="Set from here">{client.remoteConfig ? 'its owner lets you' : 'its owner has not allowed it'}</Fact>
    </>
  )
}

export function MachineIdentifiers({ machine }: { readonly machine: MachineDetail }) {
  return (
    <Panel title="Addresses and keys">
      <Facts>
        {machine.addresses.map((address) => (
          <Fact key={address} label={address.includes(':') ? 'IPv6' : 'IPv4'}><Identifier text={address} what={`the address ${address}`} chars={40} /></Fact>
        ))}
        <Fact label="Direct endpoints">
          {machine.endpoints.length === 0 ? <None /> : (
            <ul className="m-0 list-none p-0 font-mono text-12">
              {machine.endpoints.map((endpoint) => (
                <li key={endpoint} className="flex items-center gap-1 break-all">{endpoint}<CopyButton text={endpoint} what={`the endpoint ${endpoint}`} /></li>
              ))}
            </ul>
          )}
        </Fact>
        <Fact label="Node key"><Identifier text={machine.nodeKey} what="the node key" /></Fact>
        <Fact label="Disco key"><Identifier text={machine.discoKey} what="the disco key" /></Fact>
        <Fact label="Machine key"><Identifier text={machine.machineKey} what="the machine key" /></Fact>
        <Fact label="Stable ID"><Identifier text={machine.stableId} what="the stable ID" /></Fact>
      </Facts>
    </Panel>
  )
}
