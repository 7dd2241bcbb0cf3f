'use client'
import { useEffect, useState } from 'react'

/** A value that is typed, once typing rests for `restMs`: what may be asked of the server. */
export function useRested(value: string, restMs: number): string {
  const [rested, setRested] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), restMs)
    return () => clearTimeout(timer)
  }, [value, restMs])
  return rested
}
