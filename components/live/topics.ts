/** Routers of the tRPC API, as query keys begin with them. */
export const routers = ['me', 'overview', 'relay', 'session', 'machine', 'policy', 'activity', 'authKey', 'apiToken', 'person', 'setting', 'dns', 'derp', 'login'] as const
export type RouterName = (typeof routers)[number]

/** What to ask for again by what changed. A topic that is not listed touches everything: a page that is too fresh does no harm. */
const touched: Readonly<Record<string, readonly RouterName[]>> = {
  'node.changed': ['overview', 'relay', 'session', 'machine', 'derp'],
  'node.removed': ['overview', 'relay', 'session', 'machine', 'derp'],
  'node.presence': ['overview', 'relay', 'machine'],
  'relay.changed': ['overview', 'relay', 'machine'],
  'policy.changed': ['relay', 'session', 'machine', 'policy'],
  'views.changed': ['relay', 'session', 'machine'],
  'session.changed': ['overview', 'relay', 'session'],
  'login.changed': ['login'],
  'auth-key.changed': ['authKey'],
  'api-token.changed': ['apiToken'],
  'person.changed': ['person', 'me'],
  'setting.changed': ['setting', 'dns', 'me', 'overview'],
  'audit.added': ['activity'],
  'quota.changed': ['overview', 'policy'],
  'derp.changed': ['setting', 'derp', 'machine'],
}

/** The routers whose answers may differ now. */
export function touchedBy(topics: readonly string[]): ReadonlySet<RouterName> {
  return new Set(topics.flatMap((topic) => touched[topic] ?? routers))
}
