import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import { readDefinitions } from './definitions.ts'
import { readGrants } from './grants.ts'
import type { Policy } from './model.ts'
import { createReporter, type Problem, type Reporter } from './problem.ts'
import { type Key, expectObject, knownMembers } from './shape.ts'
import { checkText } from './text.ts'

export type ParsedPolicy =
  | { readonly ok: true; readonly policy: Policy; readonly problems: readonly Problem[] }
  | { readonly ok: false; readonly policy?: undefined; readonly problems: readonly Problem[] }

type TopLevel = 'groups' | 'tagOwners' | 'hosts' | 'grants'

function notYet(name: string, instead = ''): { readonly error: string } {
  return { error: `"${name}" is not compiled by this version, and ignoring it would not do what it says.${instead}` }
}

/** Every key of the language (spec/policy.md §2), so that a key of a later version is named as such. */
const topLevelKeys: Readonly<Record<string, Key<TopLevel>>> = {
  groups: { key: 'groups' },
  tagOwners: { key: 'tagOwners' },
  hosts: { key: 'hosts' },
  grants: { key: 'grants' },
  acls: notYet('acls', ' Write these rules as "grants".'),
  ipsets: notYet('ipsets'),
  nodeAttrs: notYet('nodeAttrs'),
  autoApprovers: notYet('autoApprovers'),
  tests: notYet('tests'),
  randomizeClientPort: notYet('randomizeClientPort'),
  disableIPv4: notYet('disableIPv4'),
  OneCGNATRoute: notYet('OneCGNATRoute'),
  defaultSrcPosture: { error: '"defaultSrcPosture" is refused: device conditions are not checked here, and dropping one would widen access.' },
  ssh: { warning: '"ssh" has no effect here: no SSH policy is sent.' },
  sshTests: { warning: '"sshTests" has no effect here: no SSH policy is sent.' },
  derpMap: { warning: '"derpMap" has no effect here: DERP regions are set on the server\'s pages.' },
  postures: { warning: '"postures" has no effect here: device conditions are not checked.' },
}

const syntaxMessages: Readonly<Record<string, string>> = {
  InvalidSymbol: 'This is not JSON: strings stand in double quotes, keys too.',
  InvalidNumberFormat: 'This is not a number.',
  PropertyNameExpected: 'A key in double quotes is expected here.',
  ValueExpected: 'A value is expected here.',
  ColonExpected: 'A colon is expected here.',
  CommaExpected: 'A comma is expected here.',
  CloseBraceExpected: 'A "}" is expected here.',
  CloseBracketExpected: 'A "]" is expected here.',
  EndOfFileExpected: 'The policy is one object: nothing may follow it.',
  UnexpectedEndOfComment: 'This comment is not closed.',
  UnexpectedEndOfString: 'This string is not closed.',
  UnexpectedEndOfNumber: 'This number is not complete.',
  InvalidUnicode: 'This \\u escape is not complete.',
  InvalidEscapeCharacter: 'JSON has no such escape.',
  InvalidCharacter: 'A raw control character stands in this string.',
}

/**
 * Reads a policy document (HuJSON, spec/policy.md §1–§5). Never throws; reports every problem it can find, with its place.
 * With `ok`, what remains in `problems` are warnings.
 */
export function parsePolicy(text: string): ParsedPolicy {
  const report = createReporter(text)
  const policy = checkText(text, report) ? readDocument(text, report) : undefined
  const problems = report.problems()
  return policy === undefined || report.failed() ? { ok: false, problems } : { ok: true, policy, problems }
}

function readDocument(text: string, report: Reporter): Policy | undefined {
  const root = parseText(text, report)
  if (root === undefined || expectObject(root, 'The policy', report) === undefined) return undefined
  const members = knownMembers(root, 'the policy', topLevelKeys, report)
  const definitions = readDefinitions(
    members.get('groups')?.value, members.get('tagOwners')?.value, members.get('hosts')?.value, report,
  )
  const grantsNode = members.get('grants')?.value
  return {
    groups: definitions.groups,
    tagOwners: definitions.tagOwners,
    hosts: definitions.hosts,
    ipsets: new Map(),
    grants: grantsNode === undefined ? undefined : readGrants(grantsNode, definitions, report),
    nodeAttrs: [],
    autoApprovers: { routes: [], exitNode: [], relays: [] },
    tests: [],
    settings: { randomizeClientPort: false, disableIPv4: false },
  }
}

function parseText(text: string, report: Reporter): Node | undefined {
  const errors: ParseError[] = []
  const root = parseTree(text, errors, { allowTrailingComma: true, disallowComments: false })
  for (const error of errors) {
    const code = printParseErrorCode(error.error)
    report.error({ offset: error.offset, length: error.length }, syntaxMessages[code] ?? 'This is not valid JSON.')
  }
  if (root === undefined && errors.length === 0) report.error({ offset: 0, length: 0 }, 'The policy is empty: write at least {}.')
  return errors.length > 0 ? undefined : root
}
