import type { Metadata } from 'next'
import { SettingsPage } from '@/components/settings/settings-page.tsx'
import { pageCaller } from '../caller.ts'

export const metadata: Metadata = { title: 'Settings' }

export default async function Page() {
  const caller = await pageCaller()
  const [settings, derp, keys, people, tokens] = await Promise.all([caller.setting.get(), caller.derp.list(), caller.authKey.list(), caller.person.list(), caller.apiToken.list()])
  return <SettingsPage settings={settings} derp={derp} keys={keys} people={people} tokens={tokens} />
}
