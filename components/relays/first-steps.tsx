'use client'
import { SimulateCommand } from '../shell/simulate-command.tsx'
import { Columns, Panel } from '../ui/panel.tsx'
import type { ReactNode } from 'react'
import { JoinCommand } from './join-command.tsx'

/** What comes next in a young network: a second relay, and something to relay. */
export function FirstSteps({ relay, on }: { readonly relay: ReactNode; readonly on: boolean }) {
  return (
    <Columns
      main={(
        <>
          {relay}
          <Panel title={relay ? 'Join another machine' : 'Join a machine'} aside="Node 20.19 or newer, nothing else" pad>
            <JoinCommand primary={!relay} />
          </Panel>
        </>
      )}
      side={(
        <Panel title="No peers yet?" pad>
          <p className="mb-3 text-14 text-muted-foreground">
            Two simulated pairs show you everything with real packets{on ? '' : ', over DERP until a relay is on'}. They leave without a trace.
          </p>
          <SimulateCommand />
        </Panel>
      )}
    />
  )
}
