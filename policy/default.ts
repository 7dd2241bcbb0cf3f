/** The policy of a new installation: every machine reaches every other and may use every relay. */
export function defaultPolicy(): string {
  return `// Who may reach what, and who may use which relay.
// This is JSON with comments and trailing commas. Grants only add: nothing that one allows is taken away by another.
{
  // People by name, for use in grants: "group:ops": ["ann@example.com"].
  "groups": {},

  // Every tag that a machine can carry, and who may give it.
  "tagOwners": {
    // Machines that offer to relay.
    "tag:relay": ["autogroup:owner", "autogroup:admin"],
    // Peers started by "npm run simulate".
    "tag:simulated": ["autogroup:owner", "autogroup:admin"],
  },

  // Names for addresses: "printer": "192.0.2.7".
  "hosts": {},

  "grants": [
    // Every machine reaches every other, on every port.
    {"src": ["*"], "dst": ["*"], "ip": ["*"]},

    // Every machine may use every relay. "src" are the clients, "dst" the relays.
    {"src": ["*"], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": [{}]}},
  ],
}
`
}
