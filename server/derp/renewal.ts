import type { Millis } from '../../lib/clock.ts'

/** A certificate as the decision needs it. */
export interface CertificateFacts {
  /** `sha256-raw:<hex of the DER's SHA-256>`. */
  readonly pin: string
  readonly notAfter: Millis
  /** Names and addresses that it is good for. */
  readonly hosts: readonly string[]
}

export interface CertificateState<C extends CertificateFacts = CertificateFacts> {
  readonly current: C
  /** Made, and its pin pushed since `since`; not served yet. */
  readonly next?: { readonly certificate: C; readonly since: Millis } | undefined
  /** Served before; its pin goes on being pushed until `until`. */
  readonly previous?: { readonly pin: string; readonly until: Millis } | undefined
}

export type RenewalStep = 'make' | 'switch' | 'drop-previous'

const day = 86_400_000
export const certificateLifetime = 397 * day
/** Renewal begins this long before the end: time enough to notice that it does not work. */
export const renewBefore = 30 * day
/** The new pin is pushed this long before it is needed, and the old one kept this long after: nodes that are away come back. */
export const pinOverlap = day

function covers({ hosts }: CertificateFacts, wanted: readonly string[]): boolean {
  return wanted.every((host) => hosts.includes(host))
}

/** What is to be done now, one step at a time; undefined: nothing. */
export function renewalStep({ current, next, previous }: CertificateState, hosts: readonly string[], now: Millis): RenewalStep | undefined {
  if (previous && now >= previous.until) return 'drop-previous'
  const unfit = now >= current.notAfter || !covers(current, hosts)
  if (!unfit && now < current.notAfter - renewBefore) return undefined
  if (!next || !covers(next.certificate, hosts) || now >= next.certificate.notAfter) return 'make'
  // One that clients refuse anyhow is not worth waiting with.
  return unfit || now >= next.since + pinOverlap ? 'switch' : undefined
}

/** The state after a step; `made` is the new certificate of a `make`. */
export function afterStep<C extends CertificateFacts>(state: CertificateState<C>, step: RenewalStep, now: Millis, made: C): CertificateState<C> {
  switch (step) {
    case 'make':
      return { ...state, next: { certificate: made, since: now } }
    case 'switch':
      return state.next
        ? { current: state.next.certificate, previous: { pin: state.current.pin, until: now + pinOverlap } }
        : state
    case 'drop-previous':
      return { current: state.current, next: state.next }
  }
}

/** What clients are to accept: the one served first. */
export function acceptedPins({ current, next, previous }: CertificateState): string[] {
  return [current.pin, ...(next ? [next.certificate.pin] : []), ...(previous ? [previous.pin] : [])]
}
