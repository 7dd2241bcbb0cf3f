import { hostname, release, type } from 'node:os'
import { readFileSync } from 'node:fs'
import type { Prove } from './channel/machine.ts'
import { agentVersion } from './version.ts'

/** `PRETTY_NAME` of os-release(5), else the kernel's name and release. */
function systemName(): string {
  try {
    const line = /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))
    if (line?.[1] !== undefined) return line[1]
  } catch {
    // No Linux of this kind.
  }
  return `${type()} ${release()}`
}

/** What this machine says of itself to the control plane. */
export function hostInfo(): Prove['host'] {
  return { hostname: hostname().slice(0, 253) || 'localhost', os: systemName().slice(0, 80), version: agentVersion }
}
