'use client'
import { LogOut, Monitor, Moon, Sun, SunMoon } from 'lucide-react'
import type { ReactNode } from 'react'
import { IconButton } from '../ui/button.tsx'
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuLine } from '../ui/menu.tsx'
import { sayError } from '../ui/toast.tsx'
import { useMe } from './me.tsx'
import { setTheme, type Theme, useTheme } from './theme.ts'

export const themes: readonly { readonly value: Theme; readonly label: string; readonly icon: typeof Sun }[] = [
  { value: 'system', label: 'As the system', icon: Monitor },
  { value: 'light', label: 'Light', icon: Sun },
  { value: 'dark', label: 'Dark', icon: Moon },
]

export function ThemeMenu() {
  const theme = useTheme()
  return (
    <Menu trigger={<IconButton icon={SunMoon} label={`Theme: ${theme}`} />}>
      <MenuLabel>Theme</MenuLabel>
      <MenuChoice value={theme} options={themes} onChange={setTheme} />
    </Menu>
  )
}

/** Ends the session and goes to the door. */
export async function signOut(): Promise<void> {
  try {
    const answer = await fetch('/api/auth/sign-out', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
    if (!answer.ok && answer.status !== 401) throw new Error(`Signing out failed: the control plane answered ${answer.status}.`)
    window.location.assign('/sign-in')
  } catch (error) {
    sayError(error)
  }
}

export function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  return (words.length > 1 ? `${words[0]?.[0] ?? ''}${words.at(-1)?.[0] ?? ''}` : name.trim().slice(0, 2)).toUpperCase()
}

export function AccountMenu({ trigger }: { readonly trigger?: ReactNode }) {
  const me = useMe()
  return (
    <Menu
      trigger={trigger ?? (
        <button type="button" aria-label={`${initials(me.name)}, account of ${me.name}`} title={me.email} className="grid size-[26px] shrink-0 place-items-center rounded-control border bg-surface text-11 font-semibold text-muted-foreground hover:bg-muted">
          {initials(me.name)}
        </button>
      )}
    >
      <div className="px-2 pt-1.5 pb-1">
        <div className="text-13 font-medium">{me.name}</div>
        <div className="text-12 text-muted-foreground">{me.email}</div>
        <div className="text-12 text-muted-foreground">{me.role}</div>
      </div>
      <MenuLine />
      <MenuItem icon={LogOut} onSelect={() => void signOut()}>Sign out</MenuItem>
    </Menu>
  )
}
