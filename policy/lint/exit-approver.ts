import { isWholeFamily } from '../address.ts'
import { addMember, topLevel } from './edits.ts'
import type { Lint } from './model.ts'

/** The default routes under `routes` cover all subnet routes and never an exit node (spec/policy.md §11). */
export const exitApprover: Lint = {
  code: 'exit-approver',
  find: (context) => {
    const { routes, exitNode } = context.policy.autoApprovers
    const [entry] = routes.filter(({ prefix }) => isWholeFamily(prefix))
    const approvers = topLevel(context, 'autoApprovers')?.value
    if (entry === undefined || exitNode.length > 0 || approvers === undefined) return []
    const names = entry.approvers.map(({ text }) => JSON.stringify(text)).join(', ')
    return [{
      span: entry.place,
      message: `"${entry.text}" here approves every subnet route and no exit node.`,
      fix: addMember(approvers, 'Approve their exit nodes too', `"exitNode": [${names}]`),
    }]
  },
}
