'use client'
import { ErrorNote } from '@/components/ui/error-note.tsx'

export default function DashboardError({ error, reset }: { readonly error: Error; readonly reset: () => void }) {
  return (
    <>
      <h1 className="mb-4 text-20 font-semibold">This page could not be shown</h1>
      <ErrorNote error={error} retry={reset} />
    </>
  )
}
