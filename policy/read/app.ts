import type { Node } from '../syntax.ts'
import { checkCapabilityName, type Json, relayCapability } from '../capability.ts'
import type { Reporter } from '../problem.ts'
import { checkRelayValue } from '../relay-parameters.ts'
import { expectArray, expectObject, membersOf } from '../shape.ts'
import { jsonOf } from '../walk.ts'

/** Reads a grant's `app`: capabilities with their values, which are passed on unchanged and in order (spec/policy.md §5). */
export function readApp(node: Node | undefined, report: Reporter): ReadonlyMap<string, readonly Json[]> {
  const app = new Map<string, readonly Json[]>()
  if (node === undefined || expectObject(node, '"app"', report) === undefined) return app
  for (const { key, keySpan, value } of membersOf(node)) {
    const name = checkCapabilityName(key)
    if (!name.ok) report.error(keySpan, 'invalid-capability', name.reason)
    const values = expectArray(value, `"${key}"`, report)
    if (values === undefined) continue
    if (key === relayCapability) for (const child of values) checkRelayValue(child, report)
    app.set(key, values.map(jsonOf))
  }
  return app
}
