import type { DnsPage } from '../../../server/trpc/types.ts'

/** What is typed; `key` tells rows apart while they are edited. Lists are one entry a line. */
export type DnsForm = {
  readonly domain: string
  readonly magicDns: boolean
  readonly searchDomains: string
  readonly resolvers: string
  readonly routes: readonly { readonly key: number; readonly suffix: string; readonly resolvers: string }[]
  readonly records: readonly { readonly key: number; readonly name: string; readonly value: string }[]
}

/** As the verb takes it. */
export type DnsInput = {
  domain: string
  magicDns: boolean
  searchDomains: string[]
  resolvers: string[]
  routes: { suffix: string; resolvers: string[] }[]
  records: { name: string; value: string }[]
}

export function formOf({ domain, magicDns, searchDomains, resolvers, routes, records }: Omit<DnsPage, 'machines'>): DnsForm {
  return {
    domain, magicDns, searchDomains: searchDomains.join('\n'), resolvers: resolvers.join('\n'),
    routes: routes.map((route, key) => ({ key, suffix: route.suffix, resolvers: route.resolvers.join(', ') })),
    records: records.map(({ name, value }, key) => ({ key, name, value })),
  }
}

const entries = (typed: string): string[] => typed.split(/[\s,]+/).filter((entry) => entry !== '')

/** Rows in which nothing is written count as not there. */
export function inputOf(form: DnsForm): DnsInput {
  return {
    domain: form.domain.trim(), magicDns: form.magicDns, searchDomains: entries(form.searchDomains), resolvers: entries(form.resolvers),
    routes: writtenRoutes(form).map(({ suffix, resolvers }) => ({ suffix: suffix.trim(), resolvers: entries(resolvers) })),
    records: writtenRecords(form).map(({ name, value }) => ({ name: name.trim(), value: value.trim() })),
  }
}

export function isChanged(form: DnsForm, saved: Omit<DnsPage, 'machines'>): boolean {
  return JSON.stringify(inputOf(form)) !== JSON.stringify(inputOf(formOf(saved)))
}

const writtenRoutes = (form: DnsForm) => form.routes.filter(({ suffix, resolvers }) => suffix.trim() !== '' || resolvers.trim() !== '')
const writtenRecords = (form: DnsForm) => form.records.filter(({ name, value }) => name.trim() !== '' || value.trim() !== '')

/** Where a problem is shown: a field by its name, or a row of a list by its key and the field in it. Undefined: at none. */
export function placeOf(path: string | undefined, form: DnsForm): string | undefined {
  const [field = '', at = '', part = ''] = (path ?? '').split('.')
  if (field === 'domain' || field === 'searchDomains' || field === 'resolvers') return field
  const rows = field === 'routes' ? writtenRoutes(form) : field === 'records' ? writtenRecords(form) : []
  const row = rows[Number(at)]
  // A problem of one of a row's resolvers is one of all of them.
  return row === undefined ? undefined : `${field}.${row.key}.${part}`
}

/** A key that no row has. */
export function nextKey(rows: readonly { readonly key: number }[]): number {
  return rows.reduce((most, { key }) => Math.max(most, key + 1), 0)
}
