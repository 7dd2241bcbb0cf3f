'use client'
import { useQuery } from '@tanstack/react-query'
import { useTRPC } from '../live/trpc.ts'
import { SimulateCommand } from '../shell/simulate-command.tsx'
import { ButtonLink } from '../ui/button.tsx'
import { Command } from '../ui/copy.tsx'
import { OptionText } from '../ui/option-text.tsx'
import { Columns, Panel } from '../ui/panel.tsx'

/** No machine at all: how one joins, and how to see the network at work without one. */
export function MachinesEmpty() {
  return (
    <Columns
      main={(
        <>
          <JoinClient />
          <Panel pad title="Join a relay" aside="Node 20.19 or newer, nothing else">
            <p className="mb-3 max-w-[64ch] text-14 text-muted-foreground">
              An auth key comes with one command to paste there: it installs the agent, starts it and enrols the machine.
            </p>
            <ButtonLink href="/settings?tab=keys&new=relay">Make an auth key</ButtonLink>
          </Panel>
        </>
      )}
      side={(
        <Panel pad title="No machine at hand?">
          <p className="mb-2 text-14 text-muted-foreground">Two simulated pairs show you everything with real packets. They leave without a trace.</p>
          <SimulateCommand />
        </Panel>
      )}
    />
  )
}

/** Peers are stock clients: how one joins as a person, or without one. */
function JoinClient() {
  const trpc = useTRPC()
  const { data: settings } = useQuery(trpc.setting.get.queryOptions())
  return (
    <Panel pad title="Join a machine" aside="Tailscale 1.86 or newer">
      {settings === undefined || settings.joinUrl !== null ? (
        <>
          <p className="mb-2 max-w-[64ch] text-14 text-muted-foreground">Run this on it, and open the address that it prints. With an auth key it joins by itself: the key comes with its own command.</p>
          <div className="mb-3"><Command text={`tailscale up --login-server=${settings?.joinUrl ?? '…'}`} what="the command that joins a stock client" /></div>
        </>
      ) : <p className="mb-3 max-w-[64ch] text-14 text-muted-foreground"><OptionText text={settings.joinWarning} />.</p>}
      <ButtonLink href="/settings?tab=keys&new=1" variant="primary">Make an auth key</ButtonLink>
    </Panel>
  )
}
