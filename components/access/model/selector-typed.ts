import { nearest } from '@/policy/nearest.ts'
import type { Policy } from '@/policy/index.ts'
import { selectorNamed } from '@/policy/selected.ts'
import { fittingOptions, type SelectorOption } from './selector-options.ts'

/** The ports that an acl's destination has behind a colon, or what is written where there are none. */
export function portsOf(text: string, suffix: string): string {
  return suffix === '' ? '' : /:[0-9*][0-9*,-]*$/.exec(text.trim())?.[0] ?? suffix
}

function bare(text: string, suffix: string): string {
  const whole = text.trim()
  const ports = portsOf(whole, suffix)
  return (ports !== '' && whole.endsWith(ports) ? whole.slice(0, -ports.length) : whole).replace(/^\[(.*)\]$/, '$1')
}

/** Whether a text selects something: an address, or a name that is defined. */
export function isKnown(policy: Policy, options: readonly SelectorOption[], text: string, suffix = ''): boolean {
  // The end of an IPv6 address reads as a port.
  const selector = selectorNamed(bare(text, suffix), policy) ?? selectorNamed(text.trim(), policy)
  if (selector?.kind !== 'person') return selector !== undefined
  // Somebody who is not here yet can be named; half an address is none.
  return options.some(({ value }) => value.toLowerCase() === selector.email) || /^[^@\s]+@[^@\s]+\.[^@\s.]{2,}$/.test(selector.email)
}

/** A machine that is typed by its whole name. */
export function exactly(options: readonly SelectorOption[], typed: string): SelectorOption | undefined {
  const text = typed.trim().toLowerCase()
  return options.find(({ kind, detail }) => kind === 'machines' && detail.toLowerCase() === text)
}

/** What an unknown name most likely is; undefined: it is known, or nothing is near. */
export function meantBy(policy: Policy, options: readonly SelectorOption[], text: string, suffix = ''): SelectorOption | undefined {
  if (isKnown(policy, options, text, suffix)) return undefined
  const name = bare(text, suffix)
  const [fitting] = fittingOptions(options, name, [])
  const whole = exactly(options, name) ?? fitting
  if (whole !== undefined) return whole
  const called = new Map(options.map((option) => [option.kind === 'machines' ? option.detail : option.value, option]))
  return called.get(nearest(name, called.keys()) ?? '')
}
