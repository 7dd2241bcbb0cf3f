import type { PathCheck } from '../../server/trpc/types.ts'
import type { ChamberKind } from '../ui/chamber.tsx'

/** The path in a word or two. */
export const pathNames: Readonly<Record<PathCheck['kind'], string>> = { direct: 'Direct', relay: 'By a relay', derp: 'Over DERP', none: 'No answer' }

export const pathChambers: Readonly<Record<PathCheck['kind'], ChamberKind>> = { direct: 'full', relay: 'full', derp: 'draining', none: 'offline' }

/** Three decimals tell two machines of one room apart. */
export function latencyWords(ms: number): string {
  return `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
}

type Machine = { readonly name: string; readonly kind: 'agent' | 'client' | 'simulated'; readonly online: boolean }

/** Why a machine's path cannot be asked for at it; null: it can. */
export function whyNotAsked({ name, kind, online }: Machine): string | null {
  if (kind === 'agent') return `${name} is an agent: it relays for others, and has no paths of its own. Ask on a stock client’s page.`
  if (kind === 'simulated') return `${name} is simulated: only a stock client says which path it has.`
  return online ? null : `${name} is offline: it is asked when it is back.`
}
