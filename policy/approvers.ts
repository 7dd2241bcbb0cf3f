import { covers } from './address.ts'
import type { PlacedSelector, Policy, PolicyNode } from './model.ts'
import { selectsPerson } from './owners.ts'
import { exitRoutes, isExitRoute, routeProblem, subnetRange } from './route.ts'

/** A route that the policy approves, and the line of the approver. */
export type RouteApproval = { readonly route: string; readonly line: number }

type Offering = Pick<PolicyNode, 'tags' | 'owner' | 'ownerRole'>

/**
 * Which of the routes that a machine offers, in canonical text, `autoApprovers` approves (spec/policy.md §11). An exit node is approved by
 * `exitNode` alone, with both of its routes; a subnet by any prefix of `routes` that contains it.
 */
export function approvedByPolicy(policy: Policy, node: Offering, offered: readonly string[]): RouteApproval[] {
  const { routes, exitNode } = policy.autoApprovers
  const exitLine = offered.some(isExitRoute) ? lineOf(policy, exitNode, node) : undefined
  const subnets = offered.flatMap((route): RouteApproval[] => {
    const range = subnetRange(route)
    if (range === undefined || routeProblem(route) !== undefined) return []
    for (const { prefix, approvers } of routes) {
      const line = covers(prefix, range) ? lineOf(policy, approvers, node) : undefined
      if (line !== undefined) return [{ route, line }]
    }
    return []
  })
  return [...subnets, ...(exitLine === undefined ? [] : exitRoutes.map((route) => ({ route, line: exitLine })))]
}

/** The line that lets a machine relay without anybody's click; undefined: none does. */
export function relayApproval(policy: Policy, node: Offering): number | undefined {
  return lineOf(policy, policy.autoApprovers.relays, node)
}

/** The line of the first approver that the machine matches: a tagged one by its tags, another by its person. */
function lineOf(policy: Policy, approvers: readonly PlacedSelector[], { tags, owner, ownerRole = 'viewer' }: Offering): number | undefined {
  const found = approvers.find((approver) => {
    const { selector } = approver
    if (tags.length > 0) return selector.kind === 'tag' && tags.includes(selector.name)
    return owner !== undefined && selectsPerson(policy, approver, { email: owner, role: ownerRole })
  })
  return found?.place.line
}

/** Who approves what, as text: the same while nothing of it is another. */
export function approversText({ autoApprovers: { routes, exitNode, relays }, groups }: Policy): string {
  const texts = (list: readonly PlacedSelector[]): string[] => list.map(({ text }) => text)
  return JSON.stringify([routes.map(({ text, approvers }) => [text, texts(approvers)]), texts(exitNode), texts(relays), [...groups].map(([name, members]) => [name, texts(members)])])
}
