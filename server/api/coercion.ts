import type { AnyTRPCRouter } from '@trpc/server'
import { apiProcedures, insideOf, type Schema } from './procedures.ts'

const convertible: readonly string[] = ['number', 'boolean', 'bigint', 'date']

function shapeOf(schema: Schema): Readonly<Record<string, Schema>> {
  const def: { readonly type: string; readonly shape?: Readonly<Record<string, Schema>>; readonly innerType?: Schema; readonly in?: Schema } = schema._zod.def
  const inner = def.innerType ?? def.in
  return def.shape ?? (inner === undefined ? {} : shapeOf(inner))
}

/** Whether a path or query, which are text, may give it: a number, optional or not. */
function isNumber(schema: Schema): boolean {
  const [inner] = insideOf(schema)
  return schema._zod.def.type === 'number' || (inner !== undefined && isNumber(inner))
}

/** From now on the schema takes only values of its own type, whoever asks it to convert others. */
function lock(schema: Schema): void {
  const { def } = schema._zod
  if (convertible.includes(def.type)) Object.defineProperty(def, 'coerce', { get: () => false, set: () => {}, configurable: true })
  for (const inner of insideOf(schema)) lock(inner)
}

/**
 * The OpenAPI adapter makes every schema convert its input, bodies included: `{"advertised": "false"}` would turn a relay
 * on, and since the schemas are shared, for the pages too. Only numbers in paths and queries may be converted; all other
 * fields are locked here. Call it before the adapter's first request.
 */
export function lockCoercion(router: AnyTRPCRouter): void {
  for (const { def, method, path } of apiProcedures(router)) {
    const inPath = new Set([...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]))
    const hasBody = method !== 'GET' && method !== 'DELETE'
    for (const input of def.inputs ?? []) {
      for (const [name, field] of Object.entries(shapeOf(input))) {
        if (isNumber(field) && (inPath.has(name) || !hasBody)) continue
        lock(field)
      }
    }
  }
}
