import type { Json } from '@/policy/index.ts'
import { parseQuota, parseRate } from '@/policy/relay-amounts.ts'

/** The limits of a relay grant as its form holds them: texts as typed, empty: none. */
export type RelayForm = {
  readonly maxSessions: string
  readonly family: string
  readonly quota: string
  readonly maxRate: string
  readonly prefer: string
  /** Members that are not known here, kept. */
  readonly rest: { readonly [key: string]: Json }
  /** Its list as written, where a form cannot show it: several sets of limits. */
  readonly kept: readonly Json[] | undefined
  /** Whether the list was empty, which says the same as one set without limits. */
  readonly bare: boolean
}
export type RelayField = 'maxSessions' | 'family' | 'quota' | 'maxRate' | 'prefer'

const noLimits = { maxSessions: '', family: '', quota: '', maxRate: '', prefer: '', rest: {}, kept: undefined, bare: false }

function typed(value: Json | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

export function relayFormOf(written: Json): RelayForm {
  const list: readonly Json[] = Array.isArray(written) ? written : []
  const [first] = list
  if (first === undefined) return { ...noLimits, bare: true }
  if (list.length > 1 || typeof first !== 'object' || first === null || Array.isArray(first)) return { ...noLimits, kept: list }
  const { maxSessions, family, quota, maxRate, prefer, ...rest } = Object.fromEntries(Object.entries(first))
  return { maxSessions: typed(maxSessions), family: typed(family), quota: typed(quota), maxRate: typed(maxRate), prefer: typed(prefer), rest, kept: undefined, bare: false }
}

/** A number where one was typed; otherwise what was typed, for the check to name. */
function numberOf(text: string): Json {
  return /^-?\d+$/.test(text.trim()) ? Number(text.trim()) : text
}

/** The capability's list as it is to be written. */
export function relayValueOf(form: RelayForm): Json {
  if (form.kept !== undefined) return form.kept
  const set: Json = {
    ...form.maxSessions === '' ? {} : { maxSessions: numberOf(form.maxSessions) },
    ...form.family === '' ? {} : { family: form.family },
    ...form.quota === '' ? {} : { quota: form.quota.trim() },
    ...form.maxRate === '' ? {} : { maxRate: form.maxRate.trim() },
    ...form.prefer === '' ? {} : { prefer: numberOf(form.prefer) },
    ...form.rest,
  }
  return form.bare && Object.keys(set).length === 0 ? [] : [set]
}

/** What is wrong with a limit, as it is typed. Bounded by the fields. */
export function relayProblems(form: RelayForm): ReadonlyMap<RelayField, string> {
  const problems = new Map<RelayField, string>()
  if (form.maxSessions !== '' && !/^0*[1-9]\d{0,8}$/.test(form.maxSessions.trim())) problems.set('maxSessions', 'A whole number from 1.')
  if (form.prefer !== '' && !/^-?\d{1,9}$/.test(form.prefer.trim())) problems.set('prefer', 'A whole number, such as 10.')
  if (form.quota !== '' && parseQuota(form.quota.trim()) === undefined) problems.set('quota', 'An amount a month, such as 2TiB/month.')
  if (form.maxRate !== '' && parseRate(form.maxRate.trim()) === undefined) problems.set('maxRate', 'A rate, such as 50mbit.')
  return problems
}
