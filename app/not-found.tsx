import Link from 'next/link'

export default function NotFound() {
  return (
    <main className="p-6">
      <h1 className="text-20 font-semibold">Not found</h1>
      <p className="mt-1 text-muted-foreground">Nothing has this address. <Link href="/" className="link">Go to the overview</Link></p>
    </main>
  )
}
