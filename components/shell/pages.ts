import { ArrowLeftRight, Gauge, History, KeyRound, type LucideIcon, Monitor, SlidersHorizontal, Waypoints } from 'lucide-react'

export interface PageEntry {
  readonly href: string
  readonly name: string
  readonly icon: LucideIcon
  /** Words that find it, too. */
  readonly also: string
}

export const pages: readonly PageEntry[] = [
  { href: '/', name: 'Overview', icon: Gauge, also: 'home attention map' },
  { href: '/relays', name: 'Relays', icon: Waypoints, also: 'switch turn on off' },
  { href: '/sessions', name: 'Sessions', icon: ArrowLeftRight, also: 'pairs derp vni' },
  { href: '/machines', name: 'Machines', icon: Monitor, also: 'nodes tags' },
  { href: '/access', name: 'Access', icon: KeyRound, also: 'policy grants' },
  { href: '/activity', name: 'Activity', icon: History, also: 'audit log' },
]
export const settingsPage: PageEntry = { href: '/settings', name: 'Settings', icon: SlidersHorizontal, also: 'auth keys tokens people derp' }

/** Whether `path` is this page or one below it. */
export function isOn(path: string, href: string): boolean {
  return href === '/' ? path === '/' : path === href || path.startsWith(`${href}/`)
}
