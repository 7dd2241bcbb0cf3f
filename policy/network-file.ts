import { z } from 'zod'
import { parseAddress } from './address.ts'
import type { LintNode } from './lint/index.ts'
import { canonicalRoute } from './route.ts'
import type { PolicyPerson } from './test/model.ts'

const address = z.string().refine((text) => parseAddress(text) !== undefined, { error: ({ input }) => `"${String(input)}" is no IPv4 or IPv6 address` })
const route = z.string().refine((text) => canonicalRoute(text) !== undefined, { error: ({ input }) => `"${String(input)}" is no prefix such as 10.0.0.0/24` })

/** A network as a file: what a policy is compiled, tested and explained for. The API gives it of the running network. */
export const networkFileSchema = z.object({
  people: z.array(z.object({ email: z.string().min(1), role: z.enum(['owner', 'admin', 'viewer']).exactOptional() })),
  nodes: z.array(z.object({
    name: z.string().min(1),
    /** Its person's e-mail; a machine with tags is nobody's. */
    owner: z.string().exactOptional(),
    tags: z.array(z.string()).exactOptional(),
    /** IPv4 first. */
    addresses: z.array(address).min(1).max(8),
    /** Prefixes that it routes for others: offered by it and approved. The default routes make it an exit node. */
    routes: z.array(route).exactOptional(),
    /** It is set up as a relay. */
    relay: z.boolean().exactOptional(),
    /** What speaks for it; stock clients can be too old for relays. */
    kind: z.enum(['agent', 'client', 'simulated']).exactOptional(),
    /** Version of the wire that it speaks. */
    capVersion: z.number().int().nonnegative().exactOptional(),
  })),
})
export type NetworkFile = z.infer<typeof networkFileSchema>

export type ReadNetwork = { readonly nodes: readonly LintNode[]; readonly people: readonly PolicyPerson[] }

/** Reads the file; what is wrong with it is said by place, a line each. Members that are not known are ignored. */
export function readNetworkFile(text: string): { readonly ok: true; readonly network: ReadNetwork } | { readonly ok: false; readonly problems: readonly string[] } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { ok: false, problems: [`not JSON: ${error instanceof Error ? error.message : String(error)}`] }
  }
  const read = networkFileSchema.safeParse(value)
  if (!read.success) return { ok: false, problems: read.error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`)) }
  const twice = twiceNamed(read.data)
  return twice.length > 0 ? { ok: false, problems: twice } : { ok: true, network: policyNetwork(read.data) }
}

function twiceNamed({ nodes }: NetworkFile): string[] {
  const seen = new Set<string>()
  return nodes.flatMap(({ name }, at) => {
    const key = name.toLowerCase()
    if (seen.has(key)) return [`nodes.${at}.name: another machine is called "${name}" too`]
    seen.add(key)
    return []
  })
}

/** As the compiler wants it: machines get numbers by their place, and their persons' roles. */
export function policyNetwork({ people, nodes }: NetworkFile): ReadNetwork {
  const roles = new Map(people.map(({ email, role }) => [email.toLowerCase(), role]))
  return {
    people: people.map(({ email, role }) => ({ email, ...(role && { role }) })),
    nodes: nodes.map(({ name, owner, tags = [], addresses, routes = [], relay, kind, capVersion }, at): LintNode => {
      const ownerRole = owner === undefined ? undefined : roles.get(owner.toLowerCase())
      return {
        id: at + 1, name, tags, addresses, routes: routes.map((text) => canonicalRoute(text) ?? text),
        ...(owner === undefined ? {} : { owner }), ...(ownerRole && { ownerRole }),
        ...(relay === undefined ? {} : { isRelay: relay }), ...(kind && { kind }), ...(capVersion === undefined ? {} : { capVersion }),
      }
    }),
  }
}
