import type { Metadata } from 'next'
import { DoorFrame } from '@/components/door/door-frame.tsx'
import { safePath } from '@/components/door/model/redirect.ts'
import { SignInForm } from '@/components/door/sign-in-form.tsx'
import { doorCaller } from '../door-caller.ts'

export const metadata: Metadata = { title: 'Sign in' }
export const dynamic = 'force-dynamic'

export default async function SignInPage({ searchParams }: { readonly searchParams: Promise<{ readonly next?: string | string[] }> }) {
  const { next } = await searchParams
  const { state, facts } = await doorCaller()
  return (
    <DoorFrame facts={facts}>
      <SignInForm networkName={state.networkName} plainHttp={state.plainHttp} hasOwner={state.hasOwner} next={safePath(typeof next === 'string' ? next : undefined)} />
    </DoorFrame>
  )
}
