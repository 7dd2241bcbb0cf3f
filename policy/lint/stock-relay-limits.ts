import { relayCapability } from '../capability.ts'
import { grantTerms } from '../relay-terms.ts'
import { memberOf } from '../shape.ts'
import { nodesIn, union } from './context.ts'
import { nodeAt } from './edits.ts'
import type { Lint } from './model.ts'
import { isRelayGrant } from './relays.ts'
import { namesOf } from './words.ts'

/** What only our own relay enforces, in the order in which it is named. */
const ours = ['maxSessions', 'family', 'maxRate'] as const

/** Limits on relays that are stock clients, which ignore them. */
export const stockRelayLimits: Lint = {
  code: 'stock-relay-limits',
  find: (context) => context.grants.filter(isRelayGrant).flatMap(({ written, compiled }) => {
    const terms = grantTerms(compiled)
    const limits = ours.filter((name) => terms[name] !== undefined)
    if (limits.length === 0) return []
    const stock = nodesIn(context, union(context, compiled.dst)).filter(({ isRelay, kind }) => isRelay === true && kind === 'client')
    if (stock.length === 0) return []
    const app = memberOf(nodeAt(context, written.place), ['app'])?.value
    const values = memberOf(app, [relayCapability])?.value
    return [{
      span: values === undefined ? written.place : { offset: values.offset, length: values.length },
      message: `${namesOf(stock.map(({ name }) => name))} ${stock.length === 1 ? 'is a stock client, which does' : 'are stock clients, which do'} not enforce ${namesOf(limits.map((name) => `"${name}"`))}.`,
      advice: `Give ${stock.length === 1 ? 'it a grant of its own' : 'them a grant of their own'} without the limit, or relay there with an agent.`,
    }]
  }),
}
