import type { Policy } from './model.ts'
import { createReporter, type Problem, type Reporter } from './problem.ts'
import { readAutoApprovers } from './read/auto-approvers.ts'
import { checkNames, entries, readHosts, readLists, stringsOf } from './read/definitions.ts'
import { readIpsets } from './read/ipsets.ts'
import { readNodeAttrs } from './read/node-attrs.ts'
import { createReading } from './read/reading.ts'
import { postureRefused } from './read/rule-parts.ts'
import { readRules } from './read/rules.ts'
import { checkSsh, readSettings } from './read/settings.ts'
import { readTests } from './read/tests.ts'
import { checkWhole } from './read/whole.ts'
import { expectObject, keysOf, knownMembers } from './shape.ts'
import { type Node, parseSyntax } from './syntax.ts'
import { checkText } from './text.ts'

/** `tree`: the parts of the text, for those who show or change what is written. */
export type ParsedPolicy =
  | { readonly ok: true; readonly policy: Policy; readonly tree: Node; readonly problems: readonly Problem[] }
  | { readonly ok: false; readonly policy?: undefined; readonly problems: readonly Problem[] }

function setElsewhere(name: string, where: string): { readonly error: string; readonly code: 'unknown-key' } {
  return { error: `"${name}" is not set here, but under ${where}.`, code: 'unknown-key' }
}

const dns = 'Settings → DNS'

/** Every key of the language (spec/policy.md §2). */
export const topLevelKeys = keysOf('the policy', [
  'grants', 'acls', 'groups', 'tagOwners', 'hosts', 'ipsets', 'nodeAttrs', 'autoApprovers', 'tests',
  'randomizeClientPort', 'disableIPv4', 'OneCGNATRoute', 'ssh', 'sshTests',
], {
  derpMap: { warning: '"derpMap" has no effect here: DERP regions are set on the server\'s pages.' },
  postures: { warning: '"postures" has no effect here: device conditions are not checked.' },
  defaultSrcPosture: postureRefused('defaultSrcPosture'),
  magicDNS: setElsewhere('magicDNS', dns),
  extraDNSRecords: setElsewhere('extraDNSRecords', dns),
}, { ignoresHash: false })

/**
 * Reads a policy document (HuJSON, spec/policy.md §1–§14). Never throws; reports every problem it can find, with its place.
 * With `ok`, what remains in `problems` are warnings.
 */
export function parsePolicy(text: string): ParsedPolicy {
  const report = createReporter(text)
  const tree = checkText(text, report) ? parseSyntax(text, report) : undefined
  const policy = tree && readDocument(tree, report)
  const problems = report.problems()
  return tree === undefined || policy === undefined || report.failed() ? { ok: false, problems } : { ok: true, policy, tree, problems }
}

function readDocument(root: Node, report: Reporter): Policy | undefined {
  checkWhole(root, report)
  if (report.full() || expectObject(root, 'The policy', report) === undefined) return undefined
  const members = knownMembers(root, topLevelKeys, report)
  const at = (key: Parameters<typeof members.get>[0]): Node | undefined => members.get(key)?.value
  const groups = entries(at('groups'), '"groups"', report)
  const tags = entries(at('tagOwners'), '"tagOwners"', report)
  const sets = entries(at('ipsets'), '"ipsets"', report)
  checkNames(groups, 'group:', report)
  checkNames(tags, 'tag:', report)
  checkNames(sets, 'ipset:', report)
  const hosts = readHosts(at('hosts'), report)
  const ipsets = readIpsets(sets, hosts, report)
  const names = { groups: new Map(groups.map(({ key, value }) => [key, stringsOf(value)])), tags: new Set(tags.map(({ key }) => key)), hosts, ipsets }
  const reading = createReading(report, names)
  checkSsh(members.get('ssh'), report)
  checkSsh(members.get('sshTests'), report)
  return {
    groups: readLists(groups, 'member', reading),
    tagOwners: readLists(tags, 'owner', reading),
    hosts,
    ipsets,
    grants: readRules(at('grants'), at('acls'), reading),
    nodeAttrs: readNodeAttrs(at('nodeAttrs'), reading),
    autoApprovers: readAutoApprovers(at('autoApprovers'), reading),
    tests: readTests(at('tests'), reading),
    settings: readSettings({
      randomizeClientPort: at('randomizeClientPort'), disableIPv4: at('disableIPv4'), oneCgnatRoute: at('OneCGNATRoute'),
    }, report),
  }
}
