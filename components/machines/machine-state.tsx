'use client'
import type { MachineRow } from '../../server/trpc/types.ts'
import { State } from '../ui/chamber.tsx'
import { RelativeTime } from '../ui/figures.tsx'
import { machineState } from './model/state.ts'

type Shown = Pick<MachineRow, 'online' | 'authorized' | 'keyExpired' | 'keyExpiry' | 'lastSeen'>

/** What is so of a machine: the mark, its word, and the reason or the time below; `brief`: without the line below. */
export function MachineStateMark({ machine, brief = false }: { readonly machine: Shown; readonly brief?: boolean }) {
  const { word, look } = machineState(machine)
  return <State kind={look} word={word} reason={brief ? null : <Reason machine={machine} />} {...(look === 'fault' ? { tone: 'warning' } : {})} />
}

function Reason({ machine }: { readonly machine: Shown }) {
  if (!machine.authorized) return 'sees nobody until approved'
  if (machine.keyExpired) return <>since <RelativeTime at={machine.keyExpiry} style="clock" />; it must sign in again</>
  if (machine.online) return machine.keyExpiry === null ? null : <>key expires <RelativeTime at={machine.keyExpiry} /></>
  return machine.lastSeen === null ? 'has not connected yet' : <>last seen <RelativeTime at={machine.lastSeen} /></>
}
