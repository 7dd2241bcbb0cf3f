'use client'
import { useQuery } from '@tanstack/react-query'
import type { Settings } from '../../server/trpc/types.ts'
import { useTRPC } from '../live/trpc.ts'
import { CopyButton } from '../ui/copy.tsx'
import { ErrorNote, Note } from '../ui/error-note.tsx'
import { RelativeTime } from '../ui/figures.tsx'
import { formatCount, plural } from '../ui/format.ts'
import { OptionText } from '../ui/option-text.tsx'
import { Columns, Panel } from '../ui/panel.tsx'
import { ApprovalPanel } from './approval-panel.tsx'
import { Fact, Facts } from './facts.tsx'
import { inGroups } from './model/forms.ts'
import { SettingForm } from './setting-form.tsx'

export function NetworkTab({ initial }: { readonly initial: Settings }) {
  const trpc = useTRPC()
  const { data: settings, error, refetch } = useQuery({ ...trpc.setting.get.queryOptions(), initialData: initial })
  const mbit = settings.derp.bitsPerClient / 1_000_000
  return (
    <div className="grid gap-4">
      {error && <ErrorNote error={error} what="The settings could not be asked for again." retry={() => void refetch()} />}
      {settings.publicUrlWarning !== '' && <Note tone="warning"><OptionText text={settings.publicUrlWarning} />.</Note>}
      {settings.joinWarning !== '' && <Note tone="warning"><OptionText text={settings.joinWarning} />.</Note>}
      {settings.joinWarning === '' && settings.tls !== null && settings.tls.problem !== '' && <Note tone="warning"><OptionText text={settings.tls.problem} />.</Note>}
      <Columns
        main={(
          <>
            <Panel title="Name" pad>
              <SettingForm
                key={settings.networkName}
                label="Network name"
                hint="Stands at the top of every page and at the door."
                value={settings.networkName}
                read={(typed) => (typed.trim() === '' || typed.trim().length > 60 ? { ok: false, text: 'One to 60 characters.' } : { ok: true, value: { networkName: typed.trim() } })}
                done={(value) => `The network is called ${value}.`}
              />
            </Panel>
            <ApprovalPanel on={settings.machineApproval} />
            <Panel title="DERP limit" pad>
              <SettingForm
                key={mbit}
                label="Limit per client, Mbit/s"
                hint="1 to 10,000. Counts at once, for clients that are connected too."
                value={String(mbit)}
                numeric
                read={(typed) => {
                  const value = Number(typed.trim())
                  return typed.trim() === '' || !(value >= 1 && value <= 10_000) ? { ok: false, text: 'The limit is 1 to 10,000 Mbit/s.' } : { ok: true, value: { derpMbitPerClient: value } }
                }}
                done={(value) => `Each client may send ${value} Mbit/s over DERP.`}
              />
            </Panel>
          </>
        )}
        side={<><ServerPanel settings={settings} /><DerpPanel settings={settings} /></>}
      />
    </div>
  )
}

function ServerPanel({ settings }: { readonly settings: Settings }) {
  return (
    <Panel title="Control plane" footer={<>Set when it starts: <code>npm start -- --public-url URL</code></>}>
      <Facts>
        <Fact label="Public URL"><span className="flex min-w-0 items-center gap-1"><code className="min-w-0 text-12 break-all">{settings.publicUrl}</code><CopyButton text={settings.publicUrl} what="the public URL" /></span></Fact>
        <Fact label="Login server">
          {settings.joinUrl === null
            ? 'none that stock clients come back to'
            : <span className="flex min-w-0 items-center gap-1"><code className="min-w-0 text-12 break-all">{settings.joinUrl}</code><CopyButton text={settings.joinUrl} what="the login server for stock clients" /></span>}
        </Fact>
        {settings.tls && (
          <Fact label="HTTPS certificate">
            {settings.tls.source === 'acme' ? (settings.tls.selfSigned ? 'makeshift, until there is one' : 'its own, renewed by itself') : 'the operator’s files'}
            <span className="block text-12 text-muted-foreground">expires <RelativeTime at={settings.tls.certificateExpires} /></span>
          </Fact>
        )}
        <Fact label="Database">{settings.database === 'embedded' ? 'embedded PostgreSQL' : 'PostgreSQL at DATABASE_URL'}</Fact>
        <Fact label="Version">{settings.version}</Fact>
      </Facts>
    </Panel>
  )
}

function DerpPanel({ settings: { derp, stun } }: { readonly settings: Settings }) {
  const running = derp.port !== 0
  return (
    <Panel title="DERP and STUN" aside={running ? plural(derp.clients, 'client') : 'not running'}>
      <Facts>
        <Fact label="DERP">{running ? <code className="text-12 break-all">{derp.host}:{derp.port}/tcp</code> : 'not running'}</Fact>
        <Fact label="STUN"><code className="text-12">{stun.port}/udp</code></Fact>
        <Fact label="Certificate">{derp.ownCertificate ? 'its own, pinned by agents' : 'the operator’s files'}</Fact>
        {running && <Fact label="Certificate expires"><RelativeTime at={derp.certificateExpires} />{derp.ownCertificate && <span className="block text-12 text-muted-foreground">renewed before, by itself</span>}</Fact>}
        {derp.pin !== '' && (
          <Fact label="Pin">
            <span className="flex items-start gap-1"><code className="min-w-0 text-12 break-words">{inGroups(derp.pin)}</code><CopyButton text={derp.pin} what="the pin" /></span>
          </Fact>
        )}
        {running && (
          <>
            <Fact label="Packets dropped"><Reasons counts={derp.drops} /></Fact>
            <Fact label="Connections refused or ended"><Reasons counts={derp.closed} /></Fact>
            <Fact label="STUN requests dropped"><Reasons counts={stun.drops} /></Fact>
          </>
        )}
      </Facts>
    </Panel>
  )
}

/** Counts since the control plane started, by reason. */
function Reasons({ counts }: { readonly counts: Settings['derp']['drops'] }) {
  if (counts.length === 0) return 'none since the start'
  return <>{counts.map(({ reason, count }) => <span key={reason} className="block tabular-nums">{formatCount(count)} <code className="text-12">{reason}</code></span>)}</>
}
