/** What the filter looks at. */
export type Filterable = {
  readonly name: string
  readonly hostname: string
  readonly kind: string
  readonly addresses: readonly string[]
  readonly tags: readonly string[]
  readonly owner: string | null
  readonly os: string
  readonly version: string
  readonly homeDerp: string | null
  readonly online: boolean
  readonly authorized: boolean
  readonly keyExpired: boolean
  readonly isRelay: boolean
  readonly exitNode: 'no' | 'offered' | 'approved' | 'approved-not-offered'
  readonly routesToApprove: number
}

/** What joined; kept in the URL as `?kind=`. */
export const machineKinds = ['any', 'agent', 'client', 'simulated'] as const
export type MachineKind = (typeof machineKinds)[number]

export function kindFrom(text: string | undefined): MachineKind {
  return machineKinds.find((kind) => kind === text) ?? 'any'
}

export function isOfKind(machine: Pick<Filterable, 'kind'>, kind: MachineKind): boolean {
  return kind === 'any' || machine.kind === kind
}

/** The groups that the page's buttons offer; kept in the URL as `?show=`. */
export const machineGroups = ['all', 'online', 'offline', 'attention', 'relays'] as const
export type MachineGroup = (typeof machineGroups)[number]

export function groupFrom(text: string | undefined): MachineGroup {
  return machineGroups.find((group) => group === text) ?? 'all'
}

export function inGroup(machine: Filterable, group: MachineGroup): boolean {
  switch (group) {
    case 'all': return true
    case 'online': return machine.online
    case 'offline': return !machine.online
    case 'attention': return !machine.authorized || machine.keyExpired || machine.routesToApprove > 0 || machine.exitNode === 'offered'
    case 'relays': return machine.isRelay
  }
}

/** Whether every word of the filter occurs in something that the row shows. */
export function matches(machine: Filterable, filter: string): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter((word) => word !== '')
  if (words.length === 0) return true
  const shown = [
    machine.name, machine.hostname, machine.kind, ...machine.addresses, ...machine.tags,
    machine.owner ?? '', machine.os, machine.version, machine.homeDerp ?? '',
  ].join('\n').toLowerCase()
  return words.every((word) => shown.includes(word))
}
