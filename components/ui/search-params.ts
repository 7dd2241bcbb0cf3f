'use client'
import { usePathname, useSearchParams } from 'next/navigation'
import { useCallback } from 'react'

/**
 * One value of the page's address, so that a link shows a colleague the same thing. Replaces the entry without asking the server again;
 * the fallback is left out of the address.
 */
export function useSearchParam(name: string, fallback: string): readonly [string, (value: string) => void] {
  const params = useSearchParams()
  const path = usePathname()
  const set = useCallback(
    (value: string) => {
      const next = new URLSearchParams(window.location.search)
      if (value === fallback) next.delete(name)
      else next.set(name, value)
      const query = next.toString()
      window.history.replaceState(null, '', query ? `${path}?${query}` : path)
    },
    [name, fallback, path],
  )
  return [params.get(name) ?? fallback, set]
}
