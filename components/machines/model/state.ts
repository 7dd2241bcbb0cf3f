/** A machine's actual state: the word beside its mark, and how it is drawn. */
export type MachineState = {
  readonly word: 'Online' | 'Offline' | 'Never seen' | 'Waiting for approval' | 'Key expired'
  readonly look: 'full' | 'offline' | 'empty' | 'fault'
}

export function machineState(machine: {
  readonly online: boolean
  readonly authorized: boolean
  readonly keyExpired: boolean
  readonly lastSeen: Date | null
}): MachineState {
  // What keeps a machine out of the network comes before whether its channel is up.
  if (!machine.authorized) return { word: 'Waiting for approval', look: 'fault' }
  if (machine.keyExpired) return { word: 'Key expired', look: 'fault' }
  if (machine.online) return { word: 'Online', look: 'full' }
  return machine.lastSeen === null ? { word: 'Never seen', look: 'empty' } : { word: 'Offline', look: 'offline' }
}

/** The page's one sentence: the decisive words, and the rest. */
export function machinesAnswer(machines: readonly { readonly online: boolean; readonly authorized: boolean; readonly keyExpired: boolean }[]): { strong: string; rest: string } {
  const online = machines.filter((machine) => machine.online).length
  const waiting = machines.filter((machine) => !machine.authorized).length
  const expired = machines.filter((machine) => machine.authorized && machine.keyExpired).length
  const parts = [
    ...(online < machines.length ? [`${machines.length - online} offline`] : []),
    ...(waiting > 0 ? [`${waiting} waiting for approval`] : []),
    ...(expired > 0 ? [`${expired} with an expired key`] : []),
  ]
  return {
    strong: `${online} of ${machines.length} ${machines.length === 1 ? 'machine' : 'machines'} online${parts.length > 0 ? ',' : '.'}`,
    rest: parts.length > 0 ? `${parts.join(', ')}.` : '',
  }
}

/** What ends when a machine is removed, one sentence each. */
export function removalConsequences(machine: {
  readonly name: string
  readonly isRelay: boolean
  readonly online: boolean
  readonly kind: 'agent' | 'client' | 'simulated'
  readonly relays: readonly { readonly up: boolean; readonly allowed: boolean }[]
  readonly reachCount: number
}): string[] {
  const sentences = ['Its sessions end within a second, with this as their reason.']
  if (machine.isRelay) sentences.push('It stops relaying: every session on it moves to another relay or to DERP, and who may use it no longer sees it.')
  if (machine.reachCount > 0) sentences.push(`${machine.reachCount} ${machine.reachCount === 1 ? 'machine loses' : 'machines lose'} it as a peer.`)
  sentences.push(machine.kind === 'simulated'
    ? 'The simulated peer stops.'
    : 'Its keys and addresses are given up. To come back it joins anew, as another machine.')
  return sentences
}
