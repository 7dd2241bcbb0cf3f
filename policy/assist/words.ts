import type { ObjectName } from './places.ts'

/** A sentence on what something does here. `form`: what completion writes for it, with the cursor at "|". */
export type Words = { readonly about: string; readonly form: string }

const list = '["|"]'
const object = '{|}'

/** Every key of the language (spec/policy.md §2). A test holds it to the keys that are read. */
export const keyWords: Readonly<Record<ObjectName, Readonly<Record<string, Words>>>> = {
  policy: {
    grants: { about: 'Who may reach what and who may use which relay. Grants add to each other; their order has no meaning.', form: '[\n    |\n  ]' },
    groups: { about: 'People by name, for use wherever a person may stand.', form: '{\n    "group:|": [],\n  }' },
    tagOwners: { about: 'Every tag that a machine can carry, and who may give it. Owners and admins always may.', form: '{\n    "tag:|": [],\n  }' },
    hosts: { about: 'Names for addresses and prefixes.', form: object },
    ipsets: { about: 'Named sets of addresses, added and removed in order.', form: '{\n    "ipset:|": [],\n  }' },
    acls: { about: 'The older form of rules: each destination with its ports. Each is read as a grant.', form: '[\n    |\n  ]' },
    nodeAttrs: { about: 'Attributes that machines are given, such as suggest-exit-node.', form: '[\n    |\n  ]' },
    autoApprovers: { about: 'Whose routes, exit nodes and relays need nobody’s approval.', form: object },
    tests: { about: 'What must hold: a policy that breaks one of them cannot be saved.', form: '[\n    |\n  ]' },
    randomizeClientPort: { about: 'Lets every machine take a random UDP port instead of 41641.', form: 'true|' },
    disableIPv4: { about: 'Gives every machine its IPv6 address alone.', form: 'true|' },
    ssh: { about: 'Accepted without effect: no SSH policy is sent.', form: '[|]' },
    sshTests: { about: 'Accepted without effect: no SSH policy is sent.', form: '[|]' },
    OneCGNATRoute: { about: 'Whether Macs take one route for all of 100.64.0.0/10.', form: '"mac-always|"' },
  },
  grant: {
    src: { about: 'Who is allowed: of a relay grant the clients.', form: list },
    dst: { about: 'What they may reach or use: of a relay grant the relays.', form: list },
    ip: { about: 'Ports and protocols: "*", "443", "tcp:80-90", "icmp:*".', form: list },
    app: { about: 'Capabilities, such as using the destinations as relays.', form: '{"tailscale.com/cap/relay": [{|}]}' },
    via: { about: 'The destinations are reached only through routers with one of these tags.', form: '["tag:|"]' },
  },
  acl: {
    action: { about: 'Always "accept": rules allow, and nothing takes away.', form: '"accept"|' },
    src: { about: 'Who is allowed.', form: list },
    dst: { about: 'Destinations with their ports: "tag:web:443".', form: list },
    proto: { about: 'A protocol by name or number; without it TCP, UDP and ICMP.', form: '"tcp|"' },
    users: { about: 'The old name of "src".', form: list },
    ports: { about: 'The old name of "dst".', form: list },
  },
  nodeAttr: {
    target: { about: 'The machines that get the attributes.', form: list },
    attr: { about: 'Names of attributes.', form: list },
    ipPool: { about: 'Accepted without effect: addresses come from one pool here.', form: list },
    app: { about: 'Accepted without effect: there are no app connectors here.', form: object },
  },
  autoApprovers: {
    routes: { about: 'Prefixes, each with those whose machines may route it or a part of it.', form: object },
    exitNode: { about: 'Those whose machines may offer themselves as exit nodes.', form: list },
    relays: { about: 'Those whose machines may offer themselves as relays.', form: list },
  },
  test: {
    src: { about: 'From where: one person, group, tag, host or address.', form: '"|"' },
    accept: { about: 'Destinations with one port each that "src" must reach.', form: list },
    deny: { about: 'Destinations with one port each that "src" must not reach.', form: list },
    proto: { about: 'tcp, udp or sctp; without it TCP or UDP.', form: '"tcp|"' },
    relay: { about: 'Which relays "src" must or must not be able to use.', form: '[{"src": "|", "via": "", "accept": true}]' },
    srcPostureAttrs: { about: 'Accepted without effect: device conditions are not checked here.', form: object },
  },
  relayTest: {
    src: { about: 'The client: one person, group, tag, host or address.', form: '"|"' },
    via: { about: 'The relay: one machine, tag, host or address.', form: '"|"' },
    accept: { about: 'It must be able to use the relay.', form: 'true|' },
    deny: { about: 'It must not be able to use the relay.', form: 'true|' },
  },
  relayParameters: {
    maxSessions: { about: 'How many sessions a client may have on one relay at a time: a whole number from 1.', form: '20|' },
    family: { about: 'Sessions over one family of addresses alone: "ipv4" or "ipv6".', form: '"ipv4|"' },
    quota: { about: 'How much all relays together carry by this grant in a calendar month: "2TiB/month".', form: '"2TiB/month|"' },
    maxRate: { about: 'How fast a session may be: "50mbit".', form: '"50mbit|"' },
    prefer: { about: 'A whole number: a client is sent the relays with the highest one that are up, and others only when these fail.', form: '10|' },
  },
}

/** What completion writes for a whole entry of a list, by what it is for. */
export const entryForms: Readonly<Record<ObjectName, readonly { readonly label: string; readonly form: string }[]>> = {
  grant: [
    { label: 'reach ports', form: '{"src": ["|"], "dst": [""], "ip": ["443"]}' },
    { label: 'use relays', form: '{"src": ["|"], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": [{}]}}' },
  ],
  acl: [{ label: 'accept', form: '{"action": "accept", "src": ["|"], "dst": [""]}' }],
  nodeAttr: [{ label: 'attributes', form: '{"target": ["|"], "attr": [""]}' }],
  test: [
    { label: 'reach', form: '{"src": "|", "accept": [""], "deny": []}' },
    { label: 'relay', form: '{"relay": [{"src": "|", "via": "", "accept": true}]}' },
  ],
  relayTest: [
    { label: 'may use', form: '{"src": "|", "via": "", "accept": true}' },
    { label: 'may not use', form: '{"src": "|", "via": "", "deny": true}' },
  ],
  relayParameters: [{ label: 'no limit', form: '{}|' }, { label: 'limits', form: '{|}' }],
  policy: [],
  autoApprovers: [],
}

/** Capabilities of spec/policy.md §5 in a sentence; other names are passed on. */
export const capabilityWords: Readonly<Record<string, string>> = {
  'tailscale.com/cap/relay': 'The sources may use the destinations as relays. Nobody needs to reach a relay for it.',
  'tailscale.com/cap/drive': 'The sources may open folders that the destinations share.',
  'tailscale.com/cap/webui': 'The sources may open the settings page of the destinations.',
  'tailscale.com/cap/kubernetes': 'Passed on to a Kubernetes proxy among the destinations.',
  'tailscale.com/cap/tsidp': 'Passed on to an identity provider among the destinations.',
  'tailscale.com/cap/secrets': 'Passed on to a secrets server among the destinations.',
}

/** Autogroups of spec/policy.md §3.2 in a sentence. */
export const autogroupWords: Readonly<Record<string, string>> = {
  member: 'Every machine without a tag.',
  tagged: 'Every machine with a tag.',
  self: 'The other machines of the same person, without tags.',
  internet: 'Public addresses, through exit nodes.',
  'danger-all': 'Every address there is, also outside this network.',
  owner: 'Machines of the owner, without tags.',
  admin: 'Machines of the owner and admins, without tags.',
  'network-admin': 'Always empty here: there is no such role.',
  'it-admin': 'Always empty here: there is no such role.',
  'billing-admin': 'Always empty here: there is no such role.',
  auditor: 'Always empty here: there is no such role.',
  shared: 'Always empty here: machines are not shared between networks.',
}

/** Attributes that do something here or are often given; any other name is passed on. */
export const attributeWords: Readonly<Record<string, string>> = {
  'suggest-exit-node': 'Others are offered it as an exit node first.',
  'disable-ipv4': 'It has its IPv6 address alone.',
  'randomize-client-port': 'It takes a random UDP port instead of 41641.',
  'drive:share': 'It may share folders.',
  'drive:access': 'It may open folders that others share.',
}
