import type { Node } from '../syntax.ts'
import type { PolicySettings } from '../model.ts'
import type { Reporter } from '../problem.ts'
import { expectArray, expectBoolean, expectObject, expectString, type Member, spanOf } from '../shape.ts'

/** Reads the settings that become attributes of every machine (spec/policy.md §2). */
export function readSettings(
  nodes: { readonly randomizeClientPort: Node | undefined; readonly disableIPv4: Node | undefined; readonly oneCgnatRoute: Node | undefined },
  report: Reporter,
): PolicySettings {
  const flag = (node: Node | undefined, name: string): boolean => node !== undefined && expectBoolean(node, `"${name}"`, report) === true
  const route = readCgnatRoute(nodes.oneCgnatRoute, report)
  return {
    randomizeClientPort: flag(nodes.randomizeClientPort, 'randomizeClientPort'),
    disableIPv4: flag(nodes.disableIPv4, 'disableIPv4'),
    ...(route === undefined ? {} : { oneCgnatRoute: route }),
    lines: Object.fromEntries(Object.entries(nodes).flatMap(([name, node]) => (node === undefined ? [] : [[name, report.place(spanOf(node)).line]]))),
  }
}

function readCgnatRoute(node: Node | undefined, report: Reporter): PolicySettings['oneCgnatRoute'] {
  const text = node === undefined ? undefined : expectString(node, '"OneCGNATRoute"', report)
  if (node === undefined || text === undefined || text === '') return undefined
  if (text === 'mac-always' || text === 'mac-never') return text
  report.error(spanOf(node), 'invalid-value', '"OneCGNATRoute" can be "mac-always", "mac-never" or "".')
  return undefined
}

/** `ssh` and `sshTests`: only their form is looked at. */
export function checkSsh(member: Member | undefined, report: Reporter): void {
  if (member === undefined) return
  const { key, keySpan, value } = member
  for (const child of expectArray(value, `"${key}"`, report) ?? []) expectObject(child, `Each entry of "${key}"`, report)
  report.warning(keySpan, 'no-effect', `"${key}" has no effect here: no SSH policy is sent.`)
}
