import { nodesIn } from './context.ts'
import type { Lint, LintContext, LintFinding, LintNode } from './model.ts'
import { isRelayGrant } from './relays.ts'
import { namesOf } from './words.ts'

/** The first version of the wire that knows relays (spec/coordination.md §5.2). */
export const relayCapVersion = 121

function isTooOld({ kind, capVersion = 0 }: LintNode): boolean {
  return kind === 'client' && capVersion > 0 && capVersion < relayCapVersion
}

/** Stock clients that a relay grant names and that are too old to use or be a relay; each is said once. */
export const oldClient: Lint = {
  code: 'old-client',
  find: (context) => {
    const said = new Set<LintNode>()
    return context.grants.filter(isRelayGrant).flatMap((grant) => [...sideOf(context, grant, 'src', said), ...sideOf(context, grant, 'dst', said)])
  },
}

function sideOf(context: LintContext, { written, compiled }: LintContext['grants'][number], side: 'src' | 'dst', said: Set<LintNode>): LintFinding[] {
  return compiled[side].flatMap(({ selector }, at) => {
    const use = written[side][at]
    const old = nodesIn(context, context.bits(selector)).filter((node) => isTooOld(node) && !said.has(node))
    if (use === undefined || old.length === 0) return []
    for (const node of old) said.add(node)
    const versions = namesOf([...new Set(old.map(({ capVersion }) => String(capVersion)))])
    return [{
      span: use.place,
      message: `${namesOf(old.map(({ name }) => name))} ${old.length === 1 ? 'is' : 'are'} too old ${side === 'src' ? 'to use relays' : 'to relay'}: capability version ${versions}, and ${relayCapVersion} is needed.`,
      advice: `Update ${old.length === 1 ? 'its client' : 'their clients'}; until then ${side === 'src' ? 'they use DERP' : 'clients do not ask for it'}.`,
    }]
  })
}
