import { applyEdit, entriesOf, memberAt, type PolicyEdit } from '@/policy/edit/index.ts'
import { relayCapability } from '@/policy/capability.ts'
import type { Json, Policy } from '@/policy/index.ts'
import { parsePolicy } from '@/policy/parse.ts'
import type { GrantView } from './grants.ts'
import { relayFormOf, relayProblems, relayValueOf, type RelayForm } from './relay-form.ts'

type Members = { readonly [key: string]: Json }

/** A grant or an acl as its form holds it. */
export type GrantForm = {
  readonly src: readonly string[]
  /** Of an acl with their ports. */
  readonly dst: readonly string[]
  readonly ip: readonly string[]
  /** Undefined: it gives no relay. */
  readonly relay: RelayForm | undefined
  /** Other capabilities by name, kept as they are. */
  readonly others: ReadonlyMap<string, Json>
  readonly via: readonly string[]
  /** Of an acl; empty: any. */
  readonly proto: string
  readonly comment: string
}

/** Which entry a form is about: one that is there, or a new one at the end of the grants. */
export type FormTarget = { readonly row: GrantView } | { readonly row?: undefined; readonly start: GrantForm }

export type FormField = 'src' | 'dst' | 'ip' | 'relay' | 'via' | 'proto' | 'comment' | 'rule'
export type FormResult = {
  /** The document with the form's changes; undefined: they cannot be made. */
  readonly text: string | undefined
  readonly policy: Policy | undefined
  /** What is wrong, by field. Bounded by the fields. */
  readonly problems: ReadonlyMap<FormField, string>
}

export const emptyForm: GrantForm = { src: [], dst: [], ip: [], relay: undefined, others: new Map(), via: [], proto: '', comment: '' }

function member(value: Members, names: readonly string[]): Json | undefined {
  return Object.entries(value).find(([key]) => names.includes(key.toLowerCase()))?.[1]
}

function texts(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.flatMap((one: Json) => (typeof one === 'string' ? [one.trim()] : [])) : []
}

function membersIn(value: Json | undefined): Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.fromEntries(Object.entries(value)) : {}
}

export function formOf({ value, src, dst, via, comment }: GrantView): GrantForm {
  const app = membersIn(member(value, ['app']))
  const proto = member(value, ['proto'])
  const relay = app[relayCapability]
  return {
    src, dst, via, comment,
    ip: texts(member(value, ['ip'])),
    relay: relay === undefined ? undefined : relayFormOf(relay),
    others: new Map(Object.entries(app).filter(([name]) => name !== relayCapability)),
    proto: typeof proto === 'string' ? proto : '',
  }
}

/** What an edit sets: null where an empty member would stand. */
function membersOf(form: GrantForm, list: 'grants' | 'acls'): Members {
  if (list === 'acls') return { src: [...form.src], dst: [...form.dst], proto: form.proto === '' ? null : form.proto }
  const app: [string, Json][] = [...form.relay === undefined ? [] : [[relayCapability, relayValueOf(form.relay)] as [string, Json]], ...form.others]
  return {
    src: [...form.src], dst: [...form.dst],
    ip: form.ip.length === 0 ? null : [...form.ip],
    app: app.length === 0 ? null : Object.fromEntries(app),
    via: form.via.length === 0 ? null : [...form.via],
  }
}

function editOf(form: GrantForm, target: FormTarget): PolicyEdit {
  if (target.row !== undefined) {
    const { list, at } = target.row
    return { kind: 'set', list, index: at, members: membersOf(form, list), comment: form.comment }
  }
  const value = Object.fromEntries(Object.entries(membersOf(form, 'grants')).filter(([, one]) => one !== null))
  return { kind: 'add', list: 'grants', value, comment: form.comment }
}

const fields: Readonly<Record<string, FormField>> = { src: 'src', users: 'src', dst: 'dst', ports: 'dst', ip: 'ip', app: 'relay', via: 'via', proto: 'proto' }

/** The document as the form would make it, and what is wrong with that. */
export function tryForm(text: string, form: GrantForm, target: FormTarget): FormResult {
  const problems = new Map<FormField, string>()
  const put = (field: FormField, message: string): void => {
    if (!problems.has(field)) problems.set(field, message)
  }
  if (form.src.length === 0) put('src', 'Add at least one: a grant for nobody gives nothing.')
  if (form.dst.length === 0) put('dst', 'Add at least one: a grant to nothing gives nothing.')
  if (target.row?.list !== 'acls' && form.ip.length === 0 && form.relay === undefined && form.others.size === 0) put('rule', 'Choose what it gives: ports to reach, or relays to use.')
  if (form.relay !== undefined && relayProblems(form.relay).size > 0) put('relay', 'Correct the limits first.')
  const made = applyEdit(text, editOf(form, target))
  if (!made.ok) return { text: undefined, policy: undefined, problems: new Map([['rule', made.reason]]) }
  const list = target.row?.list ?? 'grants'
  const index = target.row?.at ?? entriesOf(made.value, 'grants').length - 1
  const parsed = parsePolicy(made.value)
  for (const { severity, offset, message } of parsed.problems) {
    if (severity !== 'error') continue
    const key = memberAt(made.value, list, index, offset)
    put(key === undefined ? 'rule' : fields[key.toLowerCase()] ?? 'rule', message)
  }
  return { text: made.value, policy: parsed.policy, problems }
}

/** Where a new grant can begin. */
export const starts: readonly { readonly label: string; readonly form: (policy: Policy) => GrantForm }[] = [
  {
    label: 'Let people use relays',
    form: (policy) => ({ ...emptyForm, src: ['autogroup:member'], dst: policy.tagOwners.has('tag:relay') ? ['tag:relay'] : [], relay: relayFormOf([{}]) }),
  },
  { label: 'Let a group reach a server', form: ({ groups }) => ({ ...emptyForm, src: [...groups.keys()].slice(0, 1), ip: ['tcp:443'] }) },
  { label: 'Let people reach their own machines', form: () => ({ ...emptyForm, src: ['autogroup:member'], dst: ['autogroup:self'], ip: ['*'] }) },
  { label: 'Let people use exit nodes', form: () => ({ ...emptyForm, src: ['autogroup:member'], dst: ['autogroup:internet'], ip: ['*'] }) },
  { label: 'Begin with nothing', form: () => emptyForm },
]

/** What it comes to today, with the machines of its row. */
export function impactWords(form: Pick<GrantForm, 'relay' | 'ip' | 'dst'>, count: { readonly from: number; readonly to: number }, isAcl = false): string {
  const machines = (n: number): string => `${n.toLocaleString('en')} ${n === 1 ? 'machine' : 'machines'}`
  const reaches = form.ip.length > 0 || isAcl
  const what = [
    ...reaches ? [`reach ${form.dst.includes('autogroup:internet') ? 'the internet' : form.dst.includes('autogroup:self') ? 'their own person’s' : machines(count.to)}`] : [],
    ...form.relay === undefined ? [] : [`use ${count.to.toLocaleString('en')} ${count.to === 1 ? 'relay' : 'relays'}`],
  ]
  return `${machines(count.from)} may ${what.length === 0 ? `use what it gives of ${machines(count.to)}` : what.join(' and ')}.`
}
