import { z } from 'zod'
import { canonicalRoute, type PolicyNode } from '../../../policy/index.ts'

const texts = z.array(z.string()).nullish()

const nodeSchema = z.looseObject({
  tags: texts, user: z.string().nullish(), ipv4: z.string().nullish(), ipv6: z.string().nullish(), routable_ips: texts, approved_routes: texts,
})

/** Absent answers are not compared; null is an answer: nothing. */
const answerSchema = z.looseObject({ packetFilter: z.unknown().optional(), peers: texts, capMap: z.record(z.string(), z.unknown()).nullish() })

/** One recorded case, in any of its forms. */
export const caseSchema = z.looseObject({
  id: z.string().optional(),
  policy: z.unknown().optional(),
  users: z.array(z.looseObject({ name: z.string().nullish(), email: z.string().nullish() })).nullish(),
  nodes: z.record(z.string(), nodeSchema).nullish(),
  status: z.number().nullish(),
  message: z.string().nullish(),
  expect: z.record(z.string(), answerSchema.nullable()).nullish(),
})
export type PolicyCase = z.infer<typeof caseSchema>

export type CasePerson = { readonly email: string; readonly role: 'owner' | 'admin' }

/** The document: written as text in some cases, as its value in others. */
export function policyText({ policy }: PolicyCase): string {
  if (typeof policy === 'string') return policy
  if (typeof policy !== 'object' || policy === null) throw new Error('the case has no policy')
  return JSON.stringify(policy, null, 1)
}

/** Recordings do not say roles: the first is the owner, and all are admins (spec/policy.md §16). Without e-mail a person is a local account. */
export function peopleOf({ users }: PolicyCase): CasePerson[] {
  return (users ?? []).flatMap(({ name, email }, at) => {
    const identity = email || (name ? `${name}@` : '')
    return identity === '' ? [] : [{ email: identity.toLowerCase(), role: at === 0 ? 'owner' as const : 'admin' as const }]
  })
}

/** Nodes in the case's order; a route is one that is both advertised and approved. */
export function nodesOf(recorded: PolicyCase): PolicyNode[] {
  /** Bounded by the case's people. */
  const owners = new Map((recorded.users ?? []).flatMap(({ name, email }) => [name, email].flatMap((key) => (key ? [[key, email || `${name ?? ''}@`] as const] : []))))
  const roles = new Map(peopleOf(recorded).map(({ email, role }) => [email, role]))
  return Object.entries(recorded.nodes ?? {}).map(([name, node], at) => {
    const owner = node.user ? owners.get(node.user) ?? node.user : undefined
    const ownerRole = owner === undefined ? undefined : roles.get(owner.toLowerCase())
    const advertised = new Set((node.routable_ips ?? []).map((route) => canonicalRoute(route) ?? route))
    return {
      id: at + 1, name, tags: node.tags ?? [],
      addresses: [node.ipv4, node.ipv6].flatMap((address) => (address ? [address] : [])),
      routes: (node.approved_routes ?? []).map((route) => canonicalRoute(route) ?? route).filter((route) => advertised.has(route)),
      ...(owner === undefined ? {} : { owner }), ...(ownerRole === undefined ? {} : { ownerRole }),
    }
  })
}

/** Whether the recorded answer is that the document was taken. */
export function wasAccepted({ status, message, expect }: PolicyCase): boolean {
  if (typeof status === 'number') return status >= 200 && status < 300
  return !message || Boolean(expect)
}
