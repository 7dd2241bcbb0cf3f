import { SimulateCommand } from '../shell/simulate-command.tsx'
import { ButtonLink } from '../ui/button.tsx'
import { Columns, Panel } from '../ui/panel.tsx'

/** No machine at all: how one joins, and how to see the network at work without one. */
export function MachinesEmpty() {
  return (
    <Columns
      main={(
        <Panel pad title="Join a machine" aside="Node 20.19 or newer, nothing else">
          <p className="mb-3 max-w-[64ch] text-14 text-muted-foreground">
            An auth key comes with one command to paste there: it installs the agent, starts it and enrols the machine.
          </p>
          <ButtonLink href="/settings?tab=keys&new=1" variant="primary">Make an auth key</ButtonLink>
        </Panel>
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
