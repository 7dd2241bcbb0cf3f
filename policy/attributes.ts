import type { CompiledPolicy, Subject } from './compile.ts'

/** What comes with `funnel` on the same nodes (spec/policy.md §10). */
const withFunnel = ['https://tailscale.com/cap/funnel-ports?ports=443,8443,10000', 'https://tailscale.com/cap/warn-funnel-no-https'] as const

/** Names of the attributes that a policy gives a node, each once, in order (spec/policy.md §10). Which of them are sent is no matter of policy. */
export function attributesOf({ attributes, settings }: CompiledPolicy, subject: Subject): readonly string[] {
  const names = new Set([
    ...(settings.randomizeClientPort ? ['randomize-client-port'] : []),
    ...(settings.disableIPv4 ? ['disable-ipv4'] : []),
    ...(settings.oneCgnatRoute === undefined ? [] : [`one-cgnat?v=${settings.oneCgnatRoute === 'mac-always'}`]),
    // What is behind a node is not the node.
    ...attributes.flatMap(({ target, attr }) => (target.some(({ selector }) => (subject.hits[selector] ?? 0) !== 0) ? attr : [])),
  ])
  if (names.has('funnel')) for (const name of withFunnel) names.add(name)
  return [...names].toSorted()
}
