import { formatBytes, formatRate } from '../relay-amounts.ts'
import { type GrantTerms, mostGenerous } from '../relay-terms.ts'

/** A limit on relays that became wider or narrower, in words: "20 sessions instead of 10". */
export type TermsChange = { readonly gain: boolean; readonly detail: string }

/** What changes for somebody who may use a relay before and after. */
export function termsChanges(before: readonly GrantTerms[], after: readonly GrantTerms[]): TermsChange[] {
  const [was, is] = [mostGenerous(before), mostGenerous(after)]
  const limit = (a: number | undefined, b: number | undefined, words: (value: number) => string, none: string): TermsChange[] =>
    (a === b ? [] : [{ gain: (b ?? Infinity) > (a ?? Infinity), detail: `${b === undefined ? none : words(b)} instead of ${a === undefined ? none : words(a)}` }])
  const families = ({ family }: GrantTerms): string => (family === undefined ? 'both families' : family === 'ipv4' ? 'IPv4 only' : 'IPv6 only')
  return [
    ...limit(was.maxSessions, is.maxSessions, (value) => `${value} ${value === 1 ? 'session' : 'sessions'}`, 'any number of sessions'),
    ...limit(was.maxRate, is.maxRate, formatRate, 'any rate'),
    ...limit(was.quota, is.quota, (value) => `${formatBytes(value)} a month`, 'no quota'),
    // From one family to the other something is lost, too.
    ...(was.family === is.family ? [] : [{ gain: is.family === undefined, detail: `${families(is)} instead of ${families(was)}` }]),
    ...(was.prefer === is.prefer ? [] : [{ gain: is.prefer > was.prefer, detail: `preference ${is.prefer} instead of ${was.prefer}` }]),
  ]
}
