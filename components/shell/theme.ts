'use client'
import { useSyncExternalStore } from 'react'

export type Theme = 'system' | 'light' | 'dark'

/** Bounded: one listener per component that shows the theme; each takes its own away. */
const listeners = new Set<() => void>()

function readTheme(): Theme {
  const chosen = document.documentElement.dataset['theme']
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system'
}

function remember(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key)
    else localStorage.setItem(key, value)
  } catch {
    // A browser that keeps nothing: it holds until the page is left.
  }
}

export function setTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
  remember('towpath-theme', theme === 'system' ? null : theme)
  for (const listener of listeners) listener()
}

/** The choice; `system` on the server. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, readTheme, () => 'system')
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function subscribeDark(listener: () => void): () => void {
  const query = window.matchMedia('(prefers-color-scheme: dark)')
  query.addEventListener('change', listener)
  listeners.add(listener)
  return () => {
    query.removeEventListener('change', listener)
    listeners.delete(listener)
  }
}

function readDark(): boolean {
  const theme = readTheme()
  return theme === 'system' ? window.matchMedia('(prefers-color-scheme: dark)').matches : theme === 'dark'
}

/** Whether dark colours are shown now, by choice or by the system: what a canvas draws again for. */
export function useDark(): boolean {
  return useSyncExternalStore(subscribeDark, readDark, () => false)
}

export function toggleRail(): void {
  const folded = document.documentElement.dataset['rail'] === 'folded'
  if (folded) delete document.documentElement.dataset['rail']
  else document.documentElement.dataset['rail'] = 'folded'
  remember('towpath-rail', folded ? null : 'folded')
}
