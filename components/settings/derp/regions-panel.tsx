'use client'
import { Plus } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import type { DerpOverview, DerpRegionRow } from '../../../server/trpc/types.ts'
import { Button } from '../../ui/button.tsx'
import { None } from '../../ui/figures.tsx'
import { formatCount } from '../../ui/format.ts'
import { Panel } from '../../ui/panel.tsx'
import { Head, Table, Td, Th, TwoLines } from '../../ui/table.tsx'
import { useBlocked } from '../blocked.ts'
import { certificateWords, serverWords } from '../model/derp-form.ts'
import { NameDialog } from './name-dialog.tsx'
import { RegionDialog } from './region-dialog.tsx'
import { RemoveRegionDialog } from './remove-dialogs.tsx'

type Open = { readonly what: 'add' } | { readonly what: 'name' } | { readonly what: 'edit' | 'remove'; readonly region: DerpRegionRow }

/** Our own region and those that were added here. */
export function RegionsPanel({ derp: { own, saved } }: { readonly derp: DerpOverview }) {
  const blocked = useBlocked()
  const [open, setOpen] = useState<Open>()
  const why = blocked === undefined ? {} : { title: blocked, disabled: true }
  const close = (): void => setOpen(undefined)
  return (
    <Panel
      title="DERP regions"
      aside={<Button variant="primary" size="small" action icon={Plus} onClick={() => setOpen({ what: 'add' })} {...why}>Add a region</Button>}
      footer={saved.length === 0
        ? 'Stock clients take the nearest region as their home: with a DERP server of yours elsewhere, machines near it meet there. Relays of this network stay at home here.'
        : 'Stock clients take the nearest region as their home. Relays of this network stay at home in ours.'}
    >
      <Table label="DERP regions" cards>
        <RegionsHead actions />
        <tbody>
          <RegionRow
            region={own}
            note={`${own.id}, of this control plane`}
            actions={<Button size="small" action onClick={() => setOpen({ what: 'name' })} {...why}>Rename<span className="sr-only"> {own.code}</span></Button>}
          />
          {saved.map((region) => (
            <RegionRow
              key={region.id}
              region={region}
              actions={(
                <span className="inline-flex gap-2">
                  <Button size="small" action onClick={() => setOpen({ what: 'edit', region })} {...why}>Edit<span className="sr-only"> {region.code}</span></Button>
                  <Button size="small" action onClick={() => setOpen({ what: 'remove', region })} {...why}>Remove<span className="sr-only"> {region.code}</span></Button>
                </span>
              )}
            />
          ))}
        </tbody>
      </Table>
      {open?.what === 'add' && <RegionDialog onClose={close} />}
      {open?.what === 'edit' && <RegionDialog region={open.region} onClose={close} />}
      {open?.what === 'remove' && <RemoveRegionDialog region={open.region} onClose={close} />}
      {open?.what === 'name' && <NameDialog own={own} onClose={close} />}
    </Panel>
  )
}

export function RegionsHead({ actions = false }: { readonly actions?: boolean }) {
  return <Head><Th>Region</Th><Th>DERP server</Th><Th>STUN</Th><Th>Certificate</Th><Th num>Home of</Th>{actions && <Th hidden>Actions</Th>}</Head>
}

export function RegionRow({ region, note, actions }: { readonly region: DerpRegionRow; readonly note?: string; readonly actions?: ReactNode }) {
  const [first] = region.servers
  return (
    <tr>
      <Td card="title"><TwoLines first={<><span className="font-medium">{region.name}</span> <code className="text-12 text-muted-foreground">{region.code}</code></>} second={note ?? String(region.id)} /></Td>
      <Td card="wide"><code className="text-12 break-all" title={region.servers.map((one) => `${one.host}:${one.derpPort}`).join('\n')}>{serverWords(region)}</code></Td>
      <Td label="STUN">{first === undefined || first.stunPort === 0 ? <None /> : <code className="text-12">{first.stunPort}/udp</code>}</Td>
      <Td label="Certificate">{first === undefined ? <None /> : <span title={first.pin}>{certificateWords(first.pin)}</span>}</Td>
      <Td num label="Home of">{formatCount(region.machines)}</Td>
      {actions !== undefined && <Td num card="action" className="max-card:self-end">{actions}</Td>}
    </tr>
  )
}
