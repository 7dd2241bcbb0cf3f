import type { Place } from '../problem.ts'

/** A person as tests know people: in a test, unlike in a rule, a person must exist (spec/policy.md §12). */
export type PolicyPerson = { readonly email: string; readonly role?: 'owner' | 'admin' | 'viewer' }

/** One thing that an entry of `tests` claims, and what is so. */
export type TestOutcome = {
  /** Place of its entry in `tests`, from 0. */
  readonly entry: number
  /** Of the destination or the relay test itself. */
  readonly place: Place
  readonly kind: 'reach' | 'relay'
  /** As written: whose connection, and to what: `tag:web:443`, or the relay. */
  readonly src: string
  readonly target: string
  readonly expected: 'accept' | 'deny'
  readonly passed: boolean
  /** What is so and by which rule, as one sentence. */
  readonly reason: string
  /** The lines that it names, in order: of rules that let through, or of the one that comes near. */
  readonly lines: readonly number[]
}
