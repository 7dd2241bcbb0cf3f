import type { Metadata } from 'next'
import { pageMe } from '@/app/(dashboard)/caller.ts'
import { DoorFrame } from '@/components/door/door-frame.tsx'
import { LoginDecision } from '@/components/door/login-decision.tsx'
import { doorCaller } from '../../door-caller.ts'

export const metadata: Metadata = { title: 'A machine asks to join', referrer: 'no-referrer' }
export const dynamic = 'force-dynamic'

export default async function RegisterPage({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const { id } = await params
  const { caller, me } = await pageMe()
  const [{ state, facts }, login] = await Promise.all([doorCaller(), caller.login.get({ id: id.slice(0, 200) })])
  return (
    <DoorFrame facts={facts}>
      <LoginDecision id={id.slice(0, 200)} initial={login} networkName={state.networkName} me={me} />
    </DoorFrame>
  )
}
