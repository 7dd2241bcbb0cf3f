'use client'
import { createContext, useContext } from 'react'

const Stale = createContext(false)
export const StaleProvider = Stale.Provider

/** Whether what the page shows may no longer be so: actions are off until it is live again. */
export function useStale(): boolean {
  return useContext(Stale)
}
