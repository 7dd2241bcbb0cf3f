'use client'
import type { RelayDetail } from '../../server/trpc/types.ts'
import { Button } from '../ui/button.tsx'
import { Command } from '../ui/copy.tsx'
import { Panel } from '../ui/panel.tsx'
import { clientCommands, isOtherwise } from './client-words.ts'

/** A stock relay is its owner's: what they let this network do, and what to run on the machine itself. */
export function ClientPanel({ relay, client, onAgain, why }: {
  readonly relay: RelayDetail
  readonly client: NonNullable<RelayDetail['client']>
  /** Asks for what is wanted once more. */
  readonly onAgain: () => void
  readonly why: { readonly title?: string; readonly disabled?: boolean }
}) {
  return (
    <Panel title="Stock client" aside={client.remoteConfig ? 'set from here' : 'set on the machine'} pad>
      <div className="grid gap-2.5 text-13">
        {client.remoteConfig
          ? <p>Its owner lets this network set its relay: the switch, its port and its static addresses here are its own. Its sessions and figures are read every 10 s while somebody looks.</p>
          : (
              <p>
                Its owner sets it on the machine itself. From here it can be held off, and its throughput be read; its sessions are not told
                {client.knowsRemoteConfig ? '.' : ', and its version cannot be set from afar: update it to 1.102 or newer.'}
              </p>
            )}
        {isOtherwise(relay) && client.remoteConfig && <div><Button size="small" action onClick={onAgain} {...why}>Turn on again</Button></div>}
        {clientCommands(relay, client).map(({ what, command }) => (
          <div key={command} className="grid gap-1">
            <span className="text-12 text-muted-foreground">{what}</span>
            <Command text={command} what={what} />
          </div>
        ))}
      </div>
    </Panel>
  )
}
