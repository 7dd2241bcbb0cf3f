import type { Actual } from '../../ui/switch.tsx'

export type ShownRoute = {
  readonly route: string
  readonly offered: boolean
  readonly approved: boolean
  readonly problem: string
  readonly carries: boolean
  readonly carrier: string
  readonly others: readonly { readonly name: string }[]
}

/** What is so of a route: a word, the rest of the sentence, and how its switch and its mark are drawn. */
export type RouteState = { readonly word: string; readonly reason: string | null; readonly look: 'full' | 'empty' | 'offline' | 'cannot'; readonly actual: Actual }

export function routeState(shown: ShownRoute, machine: { readonly name: string; readonly online: boolean }): RouteState {
  const { offered, approved, problem, carries, carrier, others } = shown
  if (problem !== '') return { word: 'Not possible', reason: `it ${problem}`, look: 'cannot', actual: 'met' }
  if (!approved) return { word: 'Not approved', reason: 'nobody is told of it', look: 'empty', actual: 'met' }
  if (!offered) return { word: 'Not offered', reason: `${machine.name} does not offer it now`, look: 'empty', actual: 'pending' }
  if (!carries) return { word: 'Stands by', reason: carrier === '' ? 'it is not in the network now' : `${carrier} carries it until it is gone`, look: 'offline', actual: 'met' }
  const behind = others.length === 0 ? null : `${others.map(({ name }) => name).join(', ')} ${others.length === 1 ? 'stands' : 'stand'} by`
  return machine.online ? { word: 'In force', reason: behind, look: 'full', actual: 'met' } : { word: 'In force', reason: 'but the machine is offline', look: 'offline', actual: 'met' }
}

export type ExitNode = 'no' | 'offered' | 'approved' | 'approved-not-offered'

export function exitState(exitNode: ExitNode, machine: { readonly name: string; readonly online: boolean }): RouteState {
  switch (exitNode) {
    case 'no': return { word: 'Not offered', reason: null, look: 'empty', actual: 'met' }
    case 'offered': return { word: 'Not approved', reason: 'nobody is offered it', look: 'empty', actual: 'met' }
    case 'approved-not-offered': return { word: 'Not offered', reason: `${machine.name} does not offer it now`, look: 'empty', actual: 'pending' }
    case 'approved': return machine.online
      ? { word: 'In force', reason: 'who may reach the internet by the policy may choose it', look: 'full', actual: 'met' }
      : { word: 'In force', reason: 'but the machine is offline', look: 'offline', actual: 'met' }
  }
}

/** What is approved, with one route or the exit node switched. */
export function withApproval(
  machine: { readonly exitNode: ExitNode; readonly subnetRoutes: readonly { readonly route: string; readonly approved: boolean }[] }, change: { readonly route: string; readonly approved: boolean } | { readonly exitNode: boolean },
): { readonly routes: string[]; readonly exitNode: boolean } {
  const isExit = machine.exitNode === 'approved' || machine.exitNode === 'approved-not-offered'
  const routes = machine.subnetRoutes.filter((one) => ('route' in change && one.route === change.route ? change.approved : one.approved)).map(({ route }) => route)
  return { routes, exitNode: 'exitNode' in change ? change.exitNode : isExit }
}

/** What a machine does for others beside being there, in words: "exit node, 2 routes"; empty: nothing. */
export function offerWords(machine: { readonly exitNode: ExitNode; readonly routes: number; readonly routesToApprove: number }): string {
  const { exitNode, routes, routesToApprove } = machine
  return [
    ...(exitNode === 'approved' ? ['exit node'] : []),
    ...(routes > 0 ? [`${routes} ${routes === 1 ? 'route' : 'routes'}`] : []),
    ...(routesToApprove > 0 ? [`${routesToApprove} ${routesToApprove === 1 ? 'route' : 'routes'} to approve`] : []),
    ...(exitNode === 'offered' ? ['exit node to approve'] : []),
  ].join(', ')
}
