'use client'
import type { MachineRow } from '../../server/trpc/types.ts'
import { State } from '../ui/chamber.tsx'
import { useClock } from '../ui/clock.tsx'
import { RelativeTime } from '../ui/figures.tsx'
import { machineState } from './model/state.ts'

type Shown = Pick<MachineRow, 'online' | 'authorized' | 'keyExpired' | 'keyExpiry' | 'lastSeen'>

/** What is so of a machine: the mark, its word, and the reason or the time below; `brief`: without the line below. */
export function MachineStateMark({ machine, brief = false }: { readonly machine: Shown; readonly brief?: boolean }) {
  const { word, look } = machineState(machine)
  return <State kind={look} word={word} reason={brief ? null : <Reason machine={machine} />} {...(look === 'fault' ? { tone: 'warning' } : {})} />
}

/** A key that is good for longer is no news in a list; the machine's page has it. */
const soonMs = 30 * 86_400_000

function Expiry({ at }: { readonly at: Date | null }) {
  const { now } = useClock()
  return at === null || at.getTime() > now + soonMs ? null : <>key expires <RelativeTime at={at} /></>
}

function Reason({ machine }: { readonly machine: Shown }) {
  if (!machine.authorized) return 'sees nobody until approved'
  if (machine.keyExpired) return <>since <RelativeTime at={machine.keyExpiry} style="clock" />; it must sign in again</>
  if (machine.online) return <Expiry at={machine.keyExpiry} />
  return machine.lastSeen === null ? 'has not connected yet' : <>last seen <RelativeTime at={machine.lastSeen} /></>
}
