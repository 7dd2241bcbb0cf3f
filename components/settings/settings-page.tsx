'use client'
import type { ApiTokenRow, AuthKeyRow, DerpOverview, DnsPage, PersonRow, Settings } from '../../server/trpc/types.ts'
import { Note } from '../ui/error-note.tsx'
import { PageTitle } from '../ui/page-title.tsx'
import { useSearchParam } from '../ui/search-params.ts'
import { TabPanel, Tabs } from '../ui/tabs.tsx'
import { AuthKeysTab } from './auth-keys-tab.tsx'
import { useBlocked } from './blocked.ts'
import { DerpTab } from './derp/derp-tab.tsx'
import { DnsTab } from './dns/dns-tab.tsx'
import { NetworkTab } from './network-tab.tsx'
import { PeopleTab } from './people-tab.tsx'
import { TokensTab } from './tokens-tab.tsx'

type Props = {
  readonly settings: Settings
  readonly dns: DnsPage
  readonly derp: DerpOverview
  readonly keys: AuthKeyRow[]
  readonly people: PersonRow[]
  readonly tokens: ApiTokenRow[]
}

const tabs = [
  { value: 'network', label: 'Network' }, { value: 'dns', label: 'DNS' }, { value: 'derp', label: 'DERP' }, { value: 'keys', label: 'Auth keys' }, { value: 'people', label: 'People' }, { value: 'tokens', label: 'API tokens' },
] as const
type Tab = (typeof tabs)[number]['value']

const answers: Readonly<Record<Tab, readonly [strong: string, rest: string]>> = {
  network: ['What this control plane is called and where it is reached,', 'and what it gives each client over DERP.'],
  dns: ['What machines are called,', 'and where they ask for other names.'],
  derp: ['Where machines meet that have no better path:', 'this control plane’s DERP server, and others that you add.'],
  keys: ['With an auth key a machine joins by itself.', 'A key is shown once and kept as a hash.'],
  people: ['Who may sign in, and what they may do:', 'owners decide who, admins run the network, viewers look.'],
  tokens: ['Programs use the API with a token,', 'with no more rights than the person who made it.'],
}

export function SettingsPage({ settings, dns, derp, keys, people, tokens }: Props) {
  const [tabText, setTab] = useSearchParam('tab', 'network')
  const tab: Tab = tabs.find(({ value }) => value === tabText)?.value ?? 'network'
  const blocked = useBlocked()
  const [strong, rest] = answers[tab]
  return (
    <>
      <PageTitle title="Settings" answer={<><b>{strong}</b> {rest}</>} />
      <Tabs value={tab} onChange={setTab} tabs={tabs}>
        {blocked !== undefined && <Note className="mb-4">You may look at the settings. {blocked}</Note>}
        <TabPanel value="network"><NetworkTab initial={settings} /></TabPanel>
        <TabPanel value="dns"><DnsTab initial={dns} /></TabPanel>
        <TabPanel value="derp"><DerpTab initial={derp} /></TabPanel>
        <TabPanel value="keys"><AuthKeysTab initial={keys} /></TabPanel>
        <TabPanel value="people"><PeopleTab initial={people} /></TabPanel>
        <TabPanel value="tokens"><TokensTab initial={tokens} /></TabPanel>
      </Tabs>
    </>
  )
}
