import { headers } from 'next/headers'
import Link from 'next/link'
import { Shell } from '@/components/shell/shell.tsx'
import { callerFor } from '@/server/trpc/caller.ts'
import DashboardNotFound from './(dashboard)/not-found.tsx'

/** Who is signed in keeps the rail. Nobody is sent to the door for an address that nothing has. */
export default async function NotFound() {
  const me = await callerFor(await headers()).then((caller) => caller.me.get()).catch(() => null)
  if (me) return <Shell me={me}><DashboardNotFound /></Shell>
  return (
    <main className="p-6">
      <h1 className="text-20 font-semibold">Not found</h1>
      <p className="mt-1 text-muted-foreground">Nothing has this address. <Link href="/" className="link">Go to the overview</Link></p>
    </main>
  )
}
