import type { Metadata } from 'next'
import { DeadLink } from '@/components/door/dead-link.tsx'
import { DoorFrame } from '@/components/door/door-frame.tsx'
import { WelcomeForm } from '@/components/door/welcome-form.tsx'
import { doorCaller } from '../door-caller.ts'

export const metadata: Metadata = { title: 'Welcome' }
export const dynamic = 'force-dynamic'

export default async function WelcomePage({ searchParams }: { readonly searchParams: Promise<{ readonly token?: string | string[] }> }) {
  const { token } = await searchParams
  const { caller, state, facts } = await doorCaller()
  if (typeof token !== 'string' || token === '' || token.length > 100) {
    return <DoorFrame facts={facts}><DeadLink purpose={state.hasOwner ? 'invite' : 'owner'} text="The address has no token: open the link as a whole, as it was printed or sent." /></DoorFrame>
  }
  const link = await caller.door.checkLink({ token })
  return (
    <DoorFrame facts={facts}>
      {link.valid
        ? <WelcomeForm token={token} purpose={link.purpose} text={link.text} owner={link.owner} plainHttp={state.plainHttp} />
        : <DeadLink purpose={link.purpose} text={link.text} />}
    </DoorFrame>
  )
}
