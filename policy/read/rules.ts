import type { Node } from '../syntax.ts'
import type { Grant } from '../model.ts'
import { expectArray, spanOf } from '../shape.ts'
import { readAcls } from './acls.ts'
import { readGrants } from './grants.ts'
import { maxRules, type Reading } from './reading.ts'

/** Reads `grants` and `acls`, which add to each other; undefined: the document has neither, which allows everything. */
export function readRules(grants: Node | undefined, acls: Node | undefined, reading: Reading): readonly Grant[] | undefined {
  if (grants === undefined && acls === undefined) return undefined
  const listed = (node: Node | undefined, what: string): readonly Node[] =>
    (node === undefined ? undefined : expectArray(node, what, reading.report)) ?? []
  const [grantNodes, aclNodes] = [listed(grants, '"grants"'), listed(acls, '"acls"')]
  const beyond = [...grantNodes, ...aclNodes][maxRules]
  if (beyond !== undefined) {
    reading.report.error(spanOf(beyond), 'limit', `There are more than ${maxRules} rules, which is the limit.`)
    return []
  }
  const read = readGrants(grantNodes, 0, reading)
  return [...read, ...readAcls(aclNodes, read.length, reading)]
}
