import type { ReactNode } from 'react'
import { Shell } from '@/components/shell/shell.tsx'
import { pageMe } from './caller.ts'

export default async function DashboardLayout({ children }: { readonly children: ReactNode }) {
  const { me } = await pageMe()
  return <Shell me={me}>{children}</Shell>
}
