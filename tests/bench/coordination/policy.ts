/** The bench's own policy. All is by tag, so that each machine that joins is in the others' packet filters by its address. `edition`: what an edit of what all let all others do changes. */
export function benchPolicy(edition: number, isRelayGranted: boolean): string {
  return `{
  "tagOwners": {"tag:relay": ["autogroup:owner"], "tag:bench": ["autogroup:owner"]},
  "grants": [
    {"src": ["tag:bench"], "dst": ["tag:bench"], "ip": ["*"]},
${isRelayGranted ? '    {"src": ["tag:bench"], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": [{}]}},\n' : ''}\
    {"src": ["tag:bench"], "dst": ["tag:bench"], "app": {"example.com/cap/bench": [{"edition": ${edition}}]}},
  ],
}
`
}

/** As it is in a client's packet filter. */
export const editionText = (edition: number): string => `"edition":${edition}}`
