import type { RelayDetail, RelayRow, RelayState } from '../../server/trpc/types.ts'
import type { ChamberKind } from '../ui/chamber.tsx'
import { formatCount, plural } from '../ui/format.ts'
import type { Actual } from '../ui/switch.tsx'

export const chamberOf: Readonly<Record<RelayState, ChamberKind>> = {
  off: 'empty', starting: 'starting', relaying: 'full', draining: 'draining', cannot: 'cannot', offline: 'offline',
}

/** A state in a word or two, without its reason. */
export const stateNames: Readonly<Record<RelayState, string>> = {
  off: 'Off', starting: 'Starting', relaying: 'Relaying', draining: 'Draining', cannot: 'Cannot relay', offline: 'Offline',
}

type Stated = Pick<RelayRow, 'advertised' | 'approved' | 'state'>

/** What its switch and the button that does the same are given when they cannot be used: `blocked` is why the viewer may not. */
export function switchWhy(blocked: string | undefined, { approved }: Pick<RelayRow, 'approved'>): { readonly title?: string; readonly disabled?: boolean } {
  const title = blocked ?? (approved ? undefined : 'Approve its machine first: until then it relays for nobody.')
  return title === undefined ? {} : { title, disabled: true }
}

/** Counted as a relay that is to be on. */
export function isWanted({ advertised, approved }: Pick<RelayRow, 'advertised' | 'approved'>): boolean {
  return advertised && approved
}

/** What is so against what is wanted: how the switch is drawn. */
export function actualOf({ advertised, state }: Pick<Stated, 'advertised' | 'state'>): Actual {
  if (advertised) return state === 'relaying' ? 'met' : state === 'cannot' ? 'failed' : 'pending'
  return state === 'relaying' || state === 'draining' || state === 'starting' ? 'draining' : 'met'
}

/** What the words of a state are made of. */
export type StatedInWords = Pick<RelayRow, 'approved' | 'state' | 'stateText' | 'offlineSince'>

/** The state in a word, and the reason as a second line: "Cannot bind port 40000" and "in use by pid 812". `time` says a moment as the page's clock does. */
export function stateWords({ approved, state, stateText, offlineSince }: StatedInWords, time: (at: number) => string): { readonly word: string; readonly reason: string } {
  if (!approved) return { word: 'Waiting for approval', reason: 'relays for nobody until approved' }
  const word = state === 'offline' && offlineSince !== null ? `${stateNames.offline} since ${time(offlineSince.getTime())}` : stateNames[state]
  const text = stateText.trim()
  if (text === '' || text.toLowerCase() === word.toLowerCase()) return { word, reason: '' }
  // How many are left is what draining is about: it is said also where there is no room for a reason.
  if (state === 'draining' && /^\d/.test(text)) return { word: `${word}, ${text}`, reason: '' }
  const first = word.split(' ')[0] ?? word
  if (!text.toLowerCase().startsWith(first.toLowerCase())) return { word, reason: text }
  const colon = text.indexOf(': ')
  const said = colon < 0 ? text : text.slice(0, colon)
  const reason = colon < 0 ? '' : text.slice(colon + 2)
  // "Relaying since 14:09" is the word and its reason, too; what else begins with the word is said whole.
  if (reason === '' && state === 'relaying') return { word, reason: text.slice(word.length).replace(/^[\s,;:]+/, '') }
  return { word: said, reason }
}

/** The port after one that another program on the machine has; null: that is not what is wrong, or there is none. */
export function portToTry({ state, stateText, port }: Pick<RelayRow, 'state' | 'stateText' | 'port'>): number | null {
  return state === 'cannot' && /^cannot bind port \d+: in use/i.test(stateText) && port < 65_535 ? port + 1 : null
}

/** Wanted and not so, or not reachable: what somebody has to look at. */
export function needsAttention({ advertised, approved, state }: Stated): boolean {
  return !approved || state === 'cannot' || (advertised && (state === 'offline' || state === 'off'))
}

/** What turning it off does to those who use it. */
export function sessionsMove(sessions: number): string {
  return `${plural(sessions, 'session')} ${sessions === 1 ? 'moves' : 'move'} to DERP`
}

export function kibText(bytes: number): string {
  return `${formatCount(Math.round(bytes / 1024))} KiB`
}

/** What the kernel holds for each socket. */
export function buffersText({ receive, send }: NonNullable<RelayDetail['buffers']>): string {
  return receive === send ? kibText(receive) : `${kibText(receive)} in, ${kibText(send)} out`
}

/** Its name, and its threads while it `carries`, where they are told. */
export function dataPlaneText({ dataplane, workers }: Pick<RelayDetail, 'dataplane' | 'workers'>, carries: boolean): string {
  return carries && workers !== null ? `${dataplane}, ${plural(workers, 'thread').replace(' ', '\u00a0')}` : dataplane
}

/** The one firewall rule that a relay needs, for the tool that most have. */
export function firewallRule(port: number): string {
  return `sudo ufw allow ${port}/udp`
}
