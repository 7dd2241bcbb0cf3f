'use client'
import { useQuery } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import { useState } from 'react'
import type { LiveSample, RelayDetail, RelayThroughput } from '../../server/trpc/types.ts'
import { useTRPC } from '../live/trpc.ts'
import { useSamples } from '../live/use-samples.ts'
import { useBlocked } from '../settings/blocked.ts'
import { Button, ButtonLink } from '../ui/button.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { formatRate, plural } from '../ui/format.ts'
import { PageTitle } from '../ui/page-title.tsx'
import { Columns } from '../ui/panel.tsx'
import { Switch } from '../ui/switch.tsx'
import { Tags } from '../ui/tag.tsx'
import { isUntold } from './client-words.ts'
import { ClientPanel } from './client-panel.tsx'
import { RelaySessions } from './relay-sessions.tsx'
import { RelayStateMark, useStateWords } from './relay-state.tsx'
import { actualOf, switchWhy } from './relay-words.ts'
import { AddressPanel, DropsPanel, EventsPanel, MayUsePanel } from './side-panels.tsx'
import { ThroughputPanel, useLivePoints } from './throughput-panel.tsx'
import { UsePortButton } from './use-port-button.tsx'
import { useRelaySwitch } from './use-relay-switch.tsx'
import { WantedActual } from './wanted-actual.tsx'

// Only who edits loads the form.
const EditDialog = dynamic(async () => (await import('./edit-dialog.tsx')).EditDialog, { ssr: false })

function Answer({ relay }: { readonly relay: RelayDetail }) {
  const where = [relay.region, relay.hostname === relay.name ? '' : relay.hostname, relay.os].filter(Boolean).join(', ')
  const { word, reason } = useStateWords()(relay)
  return (
    <>
      {relay.state === 'relaying' || relay.state === 'draining'
        ? <><b>{relay.rateOut === null ? 'Rate not known yet,' : `${formatRate(relay.rateOut)}${isUntold(relay) ? ',' : ` through ${plural(relay.sessions, 'session')},`}`}</b> {relay.state === 'draining' ? 'draining' : `on UDP port ${relay.boundPort ?? relay.port}`}.</>
        : relay.state === 'off' && relay.approved
          ? <><b>It is off.</b> {relay.advertised ? (relay.client ? `${reason}.` : 'It is asked to turn on.') : `Turned on, it relays on UDP port ${relay.port}.`}</>
          : <><b>{word}{reason ? ':' : '.'}</b>{reason && ` ${reason}.`} <UsePortButton relay={relay} /></>}
      {where && ` ${where}.`}
    </>
  )
}

/** As often as the overview asks: the two say the same of what was dropped. */
const figuresMs = 5000

/** How is this one? Its graphs, what is wanted of it against what is so, who uses it and who may. */
export function RelayPage({ initial, throughput }: { readonly initial: RelayDetail; readonly throughput: RelayThroughput }) {
  const trpc = useTRPC()
  const { data, error, refetch } = useQuery({ ...trpc.relay.get.queryOptions({ id: initial.id }), initialData: initial, refetchInterval: figuresMs })
  const [live, addPoint] = useLivePoints(initial.id)
  const sample: LiveSample | null = useSamples({ relayIds: [initial.id], sessions: true }, addPoint)
  const { set, dialog } = useRelaySwitch()
  const [editing, setEditing] = useState(false)
  const blocked = useBlocked()
  const why = switchWhy(blocked, data)

  const now = sample?.relays.find(({ id }) => id === data.id)
  const relay = now && data.state !== 'offline' && data.state !== 'off' ? { ...data, rateIn: now.bitsIn, rateOut: now.bitsOut, sessions: now.sessions, endpoints: now.endpoints } : data
  return (
    <>
      <PageTitle
        title={relay.name}
        beside={(
          <>
            <Switch wanted={relay.advertised} actual={actualOf(relay)} label={`Relay ${relay.name}`} onChange={(wanted) => set(relay, wanted)} {...why} />
            <RelayStateMark relay={relay} inline />
            <Tags tags={relay.tags} />
          </>
        )}
        answer={<Answer relay={relay} />}
        actions={(
          <>
            <ButtonLink href={`/machines/${relay.id}`}>Machine</ButtonLink>
            {relay.advertised
              ? <Button action {...why} onClick={() => set(relay, false)}>{relay.sessions > 0 && relay.client === null ? 'Drain' : 'Turn off'}</Button>
              : <Button variant="primary" action {...why} onClick={() => set(relay, true)}>Turn on</Button>}
          </>
        )}
      />
      {error && <div className="mb-4"><ErrorNote error={error} what="This page could not be brought up to date." retry={() => void refetch()} /></div>}
      <Columns
        toolbar
        main={(
          <>
            <ThroughputPanel relay={relay} live={live} initial={throughput} />
            <RelaySessions relay={relay} sample={sample} />
            <EventsPanel relay={relay} />
          </>
        )}
        side={(
          <>
            {relay.client && <ClientPanel relay={relay} client={relay.client} onAgain={() => set(relay, true)} why={why} />}
            <WantedActual relay={relay} onEdit={() => setEditing(true)} blocked={blocked} />
            <AddressPanel relay={relay} />
            <MayUsePanel relay={relay} />
            {relay.client === null && <DropsPanel relay={relay} />}
          </>
        )}
      />
      {dialog}
      {editing && <EditDialog relay={data} open onOpenChange={setEditing} />}
    </>
  )
}
