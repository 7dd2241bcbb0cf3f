'use client'
import { Command } from '../ui/copy.tsx'
import { npmRun } from './commands.ts'
import { useMe } from './me.tsx'

/** The command that shows a network without traffic what traffic looks like. */
export function SimulateCommand() {
  return <Command text={npmRun('simulate', useMe().dataFlag, '--pairs 2')} />
}
