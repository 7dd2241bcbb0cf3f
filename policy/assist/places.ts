import { relayCapability } from '../capability.ts'
import type { Position } from '../read/positions.ts'
import type { Cursor, Step } from './cursor.ts'

/** Objects of the language whose keys are known. */
export type ObjectName = 'policy' | 'grant' | 'acl' | 'nodeAttr' | 'autoApprovers' | 'test' | 'relayTest' | 'relayParameters'

/** What may stand at a place of the document. */
export type Place =
  | { readonly kind: 'key'; readonly of: ObjectName }
  /** A key that is data. */
  | { readonly kind: 'name'; readonly of: 'group' | 'tag' | 'host' | 'ipset' | 'prefix' | 'capability' }
  /** `ports`: what follows it after a colon. */
  | { readonly kind: 'selector'; readonly position: Position; readonly ports?: 'any' | 'one' }
  | { readonly kind: 'relay' | 'address' | 'ipset-entry' | 'ip' | 'attribute' | 'capability-value' }
  | { readonly kind: 'protocol'; readonly withPorts: boolean }
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'entry'; readonly of: ObjectName }
  | { readonly kind: 'relay-parameter'; readonly name: string }
  /** The whole value of a key, as a list or object to be filled. */
  | { readonly kind: 'value'; readonly of: ObjectName; readonly key: string }

/** Objects whose keys are data. */
const withNames: Readonly<Record<string, Extract<Place, { kind: 'name' }>['of']>> = {
  groups: 'group', tagowners: 'tag', hosts: 'host', ipsets: 'ipset', 'autoapprovers/routes': 'prefix', 'grants/#/app': 'capability',
}

const withKeys: Readonly<Record<string, ObjectName>> = {
  '': 'policy', 'grants/#': 'grant', 'acls/#': 'acl', 'nodeattrs/#': 'nodeAttr', autoapprovers: 'autoApprovers', 'tests/#': 'test', 'tests/#/relay/#': 'relayTest',
}

const booleans: Place = { kind: 'words', words: ['true', 'false'] }
const approver: Place = { kind: 'selector', position: 'approver' }
const source: Place = { kind: 'selector', position: 'source' }

/** Numbers stand as "#", keys that are data as "*", other keys in lower case. */
const values: Readonly<Record<string, Place>> = {
  'groups/*/#': { kind: 'selector', position: 'member' },
  'tagowners/*/#': { kind: 'selector', position: 'owner' },
  'hosts/*': { kind: 'address' },
  'ipsets/*/#': { kind: 'ipset-entry' },
  'grants/#': { kind: 'entry', of: 'grant' },
  'grants/#/src/#': source,
  'grants/#/dst/#': { kind: 'selector', position: 'destination' },
  'grants/#/via/#': { kind: 'selector', position: 'via' },
  'grants/#/ip/#': { kind: 'ip' },
  'grants/#/app/*': { kind: 'capability-value' },
  'acls/#': { kind: 'entry', of: 'acl' },
  'acls/#/action': { kind: 'words', words: ['accept'] },
  'acls/#/proto': { kind: 'protocol', withPorts: false },
  'acls/#/src/#': source,
  'acls/#/users/#': source,
  'acls/#/dst/#': { kind: 'selector', position: 'destination', ports: 'any' },
  'acls/#/ports/#': { kind: 'selector', position: 'destination', ports: 'any' },
  'nodeattrs/#': { kind: 'entry', of: 'nodeAttr' },
  'nodeattrs/#/target/#': { kind: 'selector', position: 'target' },
  'nodeattrs/#/attr/#': { kind: 'attribute' },
  'autoapprovers/routes/*/#': approver,
  'autoapprovers/exitnode/#': approver,
  'autoapprovers/relays/#': approver,
  'tests/#': { kind: 'entry', of: 'test' },
  'tests/#/src': source,
  'tests/#/proto': { kind: 'protocol', withPorts: true },
  'tests/#/accept/#': { kind: 'selector', position: 'destination', ports: 'one' },
  'tests/#/deny/#': { kind: 'selector', position: 'destination', ports: 'one' },
  'tests/#/relay/#': { kind: 'entry', of: 'relayTest' },
  'tests/#/relay/#/src': source,
  'tests/#/relay/#/via': { kind: 'relay' },
  'tests/#/relay/#/accept': { kind: 'words', words: ['true'] },
  'tests/#/relay/#/deny': { kind: 'words', words: ['true'] },
  randomizeclientport: booleans,
  disableipv4: booleans,
  onecgnatroute: { kind: 'words', words: ['mac-always', 'mac-never'] },
}

/** What may stand at the cursor; undefined: nothing that the language knows. */
export function placeAt({ path, role }: Pick<Cursor, 'path' | 'role'>): Place | undefined {
  const outer = patternOf(path.slice(0, -1))
  const last = path.at(-1)
  const isRelayValue = /^grants\/#\/app\/\*\/#$/.test(outer) && path[3] === relayCapability
  if (role === 'key') {
    const named = withNames[outer]
    if (named !== undefined) return { kind: 'name', of: named }
    const of = isRelayValue ? 'relayParameters' : withKeys[outer]
    return of === undefined ? undefined : { kind: 'key', of }
  }
  const whole = patternOf(path)
  const value = values[whole]
  if (value !== undefined) return value
  if (isRelayValue && typeof last === 'string') return { kind: 'relay-parameter', name: last }
  if (whole === 'grants/#/app/*/#' && path[3] === relayCapability) return { kind: 'entry', of: 'relayParameters' }
  const of = withKeys[outer]
  return of === undefined || typeof last !== 'string' ? undefined : { kind: 'value', of, key: last }
}

function patternOf(path: readonly Step[]): string {
  let pattern = ''
  for (const step of path) {
    const part = typeof step === 'number' ? '#' : withNames[pattern] === undefined ? step.toLowerCase() : '*'
    pattern = pattern === '' ? part : `${pattern}/${part}`
  }
  return pattern
}
