import type { Metadata } from 'next'
import { SettingsPage } from '@/components/settings/settings-page.tsx'
import { pageCaller } from '../caller.ts'

export const metadata: Metadata = { title: 'Settings' }

export default async function Page() {
  const caller = await pageCaller()
  const [settings, dns, derp, keys, people, tokens] = await Promise.all([caller.setting.get(), caller.dns.get(), caller.derp.list(), caller.authKey.list(), caller.person.list(), caller.apiToken.list()])
  return <SettingsPage settings={settings} dns={dns} derp={derp} keys={keys} people={people} tokens={tokens} />
}
