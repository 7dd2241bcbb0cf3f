'use client'
import { useSyncExternalStore } from 'react'

const never = (): (() => void) => () => {}

/** False until the page's script is at work. A form sent before that would go the browser's own way: its words in the address. */
export function useHydrated(): boolean {
  return useSyncExternalStore(never, () => true, () => false)
}
