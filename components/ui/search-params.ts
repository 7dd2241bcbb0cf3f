'use client'
import { usePathname, useSearchParams } from 'next/navigation'
import { useState } from 'react'

/**
 * One value of the page's address, so that a link shows a colleague the same thing. Replaces the entry without asking the server again;
 * the fallback is left out of the address. What was set shows at once: the router follows a moment later, and who types must not lose letters.
 */
export function useSearchParam(name: string, fallback: string): readonly [string, (value: string) => void] {
  const params = useSearchParams()
  const path = usePathname()
  const addressed = params.get(name) ?? fallback
  const [ahead, setAhead] = useState<string | null>(null)
  if (ahead !== null && ahead === addressed) setAhead(null)

  const set = (value: string) => {
    const next = new URLSearchParams(window.location.search)
    if (value === fallback) next.delete(name)
    else next.set(name, value)
    const query = next.toString()
    setAhead(value === addressed ? null : value)
    window.history.replaceState(null, '', query ? `${path}?${query}` : path)
  }
  return [ahead ?? addressed, set]
}
