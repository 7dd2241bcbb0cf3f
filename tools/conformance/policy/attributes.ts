/** What the reference sends to every node whatever the policy (spec/policy.md §10): that one has such a name says nothing. */
const sentAnyway: ReadonlySet<string> = new Set([
  'default-auto-update', 'probe-udp-lifetime', 'ssh-behavior-v1', 'ssh-env-vars', 'store-appc-routes', 'tailnet-display-name',
  ...['file-sharing', 'ssh', 'tailnet-lock', 'is-owner', 'is-admin'].map((name) => `https://tailscale.com/cap/${name}`),
])

/** Compares those attributes of a node that its policy can give, `given` on any node, in both directions. */
export function attributeDifferences(ours: ReadonlySet<string>, recorded: Readonly<Record<string, unknown>>, given: ReadonlySet<string>): string[] {
  const extra = [...ours].filter((name) => !Object.hasOwn(recorded, name))
  const missing = Object.keys(recorded).filter((name) => given.has(name) && !sentAnyway.has(name) && !ours.has(name))
  return [
    ...(missing.length > 0 ? [`attributes missing: ${missing.join(', ')}`] : []),
    ...(extra.length > 0 ? [`attributes too many: ${extra.join(', ')}`] : []),
  ]
}
