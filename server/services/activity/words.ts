type Values = Readonly<Record<string, unknown>> | null

export interface AuditWords {
  readonly action: string
  /** The target's name. */
  readonly target: string
  readonly before: Values
  readonly after: Values
}

const list = (value: unknown): string => (Array.isArray(value) ? value.map(String).join(', ') : String(value ?? '')) || 'none'

const seconds = (ms: unknown): string => (typeof ms === 'number' ? `${(ms / 1000).toFixed(1)} s` : 'a while')

/** What was set on a stock client. */
function clientSetting(after: Values): string {
  if (after && 'staticEndpoints' in after) return `static endpoints ${list(after.staticEndpoints)}`
  return typeof after?.port === 'number' ? `relay on port ${after.port}` : 'relay off'
}

function routes(after: Values): string {
  const list = Array.isArray(after?.approvedRoutes) ? after.approvedRoutes.map(String) : []
  return list.length === 0 ? 'no routes' : `the routes ${list.join(', ')}`
}

/** The policy's lines that did it. */
function byLines(after: Values): string {
  const lines = Array.isArray(after?.lines) ? after.lines.map(String) : []
  return lines.length === 0 ? '' : `, ${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}`
}

/** What each action is called, behind its actor's name: "Ann" "turned on lock-1". */
const words: Readonly<Record<string, (words: AuditWords) => string>> = {
  'relay.set-advertised': ({ target, after }) => `turned ${after?.advertised === true ? 'on' : 'off'} ${target}`,
  'relay.configure': ({ target, after }) => `changed the settings of ${target}: ${settingNames(after)}`,
  // Its actor is the policy.
  'relay.approve': ({ target, after }) => `turned on ${target}${byLines(after)}`,
  // Its actor is the machine itself.
  'relay.request': ({ after }) => `asked to advertise on port ${String(after?.requestedPort)}`,
  'relay.offer': () => 'relays for this network, by its own setting',
  'relay.set-client': ({ target, after }) => `set ${target} by its owner’s consent: ${clientSetting(after)}`,
  'relay.read-client': ({ target, after }) => `asked ${target} for its settings and ${after?.what === 'sessions' ? 'sessions' : 'metrics'}, as somebody looks or a quota counts`,
  'relay.end-sessions': ({ target, after }) => `ended all sessions on ${target} within ${seconds(after?.ms)} by ${String(after?.way)}: ${String(after?.cause)}`,
  'machine.enrol': ({ target, after }) => (after?.authorized === false ? `${target} asks to join` : `${target} joined${typeof after?.authKey === 'string' ? ` with the auth key ${after.authKey}` : ''}`),
  'machine.renew': ({ target }) => `renewed the key of ${target}`,
  'machine.shorten-expiry': ({ target, after }) => `${target} asked for its key to expire on ${String(after?.keyExpiry).slice(0, 10)}`,
  'machine.client-action': ({ after }) => `says: ${String(after?.action)}${typeof after?.details === 'string' && after.details !== '' ? ` (${after.details})` : ''}`,
  'machine.ask-tags': ({ target, after }) => `${target} asks for ${list(after?.askedTags)}, which it may not have by itself: its key expired`,
  'machine.log-out': ({ target }) => `${target} logged out`,
  'login.approve': ({ target }) => `approved the login of ${target}`,
  'login.refuse': ({ target }) => `refused the login of ${target}`,
  'machine.rename': ({ before, after, target }) => `renamed ${String(before?.name ?? target)} to ${String(after?.name ?? target)}`,
  'machine.set-tags': ({ target, after }) => `set the tags of ${target} to ${list(after?.tags)}`,
  'machine.set-routes': ({ target, after }) => `approved ${routes(after)} on ${target}`,
  'machine.approve-routes': ({ target, after }) => `approved ${routes({ approvedRoutes: after?.approved })} on ${target}${byLines(after)}`,
  'machine.set-key-expiry': ({ target, after }) => after?.keyExpiryDisabled === true ? `turned key expiry off for ${target}`
    : typeof after?.keyExpiry === 'string' ? `extended the key of ${target} to ${after.keyExpiry.slice(0, 10)}` : `turned key expiry on for ${target}`,
  'machine.read-netmap': ({ target }) => `asked ${target} for its reading of the network map`,
  'machine.expire-key': ({ target }) => `expired the key of ${target}`,
  'machine.approve': ({ target }) => `approved ${target}`,
  'machine.remove': ({ target, after }) => `removed ${target}${typeof after?.reason === 'string' ? `: ${after.reason}` : ''}`,
  'policy.quota-nearly-used': ({ target, after }) => `saw 80 % of the quota on ${target} used: of ${String(after?.quota)} in ${String(after?.month)}`,
  'policy.quota-used-up': ({ target, after }) => `took the relays of ${target} away: its quota of ${String(after?.quota)} in ${String(after?.month)} is used up`,
  'policy.save': ({ after }) => `saved version ${String(after?.version)} of the policy${typeof after?.message === 'string' && after.message !== '' ? `: ${after.message}` : ''}`,
  'auth-key.create': ({ target }) => `made the auth key ${target}`,
  'auth-key.revoke': ({ target }) => `revoked the auth key ${target}`,
  'api-token.create': ({ target }) => `made the API token ${target}`,
  'api-token.revoke': ({ target }) => `revoked the API token ${target}`,
  'person.join': ({ target, after }) => `${target} joined as ${String(after?.role)}`,
  'person.reset-password': ({ target }) => `${target} set a new password by an owner link`,
  'person.owner-link': () => 'made an owner link',
  'person.invite': ({ after }) => `invited somebody as ${String(after?.role)}`,
  'person.set-role': ({ target, before, after }) => `made ${target} ${String(after?.role)} (was ${String(before?.role)})`,
  'person.remove': ({ target }) => `removed ${target}`,
  'derp.add': ({ target }) => `added the DERP region ${target}`,
  'derp.change': ({ target }) => `changed the DERP region ${target}`,
  'derp.remove': ({ target }) => `removed the DERP region ${target}`,
  'derp.set-source': ({ target, after }) => (after?.url === '' ? `took no DERP regions from ${target} any more` : `took DERP regions from ${target}`),
  'derp.refresh': ({ target }) => `fetched changed DERP regions from ${target}`,
  'dns.save': ({ after }) => (typeof after?.domain === 'string' ? `renamed the network’s domain to ${after.domain}` : `changed ${settingNames(after)}`),
  'setting.update': ({ after }) => `changed ${settingNames(after)}`,
}

const names: Readonly<Record<string, string>> = {
  port: 'port', staticEndpoints: 'static endpoints', region: 'region', maxEndpoints: 'endpoint limit', handshakesPerSecond: 'handshakes per second',
  networkName: 'the network’s name', magicDns: 'MagicDNS', searchDomains: 'search domains', resolvers: 'resolvers', routes: 'split DNS', records: 'DNS records',
  derpMbitPerClient: 'the DERP limit per client', machineApproval: 'whether new machines wait for approval',
}

function settingNames(after: Values): string {
  return Object.keys(after ?? {}).map((name) => names[name] ?? name).join(', ') || 'nothing'
}

/** One line in words, to be read behind the actor's name. */
export function auditText(entry: AuditWords): string {
  const say = words[entry.action]
  return say ? say(entry) : `${entry.action.replaceAll(/[.-]/g, ' ')} ${entry.target}`
}
