'use client'
import { useState } from 'react'

/** Which lines of a graph are hidden, and the way to turn one. */
export function useHidden(): readonly [ReadonlySet<string>, (key: string) => void] {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set())
  const toggle = (key: string) => setHidden((before) => {
    const next = new Set(before)
    if (!next.delete(key)) next.add(key)
    return next
  })
  return [hidden, toggle]
}
