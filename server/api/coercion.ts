import type { AnyTRPCRouter } from '@trpc/server'
import type { z } from 'zod'

type Schema = z.core.$ZodType

/** The object below optional, default and the like; undefined: it is something else. */
function shapeOf(schema: Schema | undefined): Readonly<Record<string, Schema>> | undefined {
  if (schema === undefined) return undefined
  const def: { readonly type: string; readonly innerType?: Schema; readonly in?: Schema; readonly shape?: Readonly<Record<string, Schema>> } = schema._zod.def
  return def.type === 'object' ? def.shape : shapeOf(def.innerType ?? def.in)
}

function innermost(schema: Schema): Schema {
  const def: { readonly innerType?: Schema; readonly in?: Schema; readonly element?: Schema; readonly type: string } = schema._zod.def
  const inner = def.innerType ?? def.in ?? (def.type === 'array' ? def.element : undefined)
  return inner === undefined ? schema : innermost(inner)
}

/** From now on the schema takes only values of its own type, whoever asks it to convert others. */
function lock(schema: Schema): void {
  const shape = shapeOf(schema)
  if (shape) for (const field of Object.values(shape)) lock(field)
  const { def } = innermost(schema)._zod
  if (['number', 'boolean', 'bigint', 'date'].includes(def.type)) Object.defineProperty(def, 'coerce', { get: () => false, set: () => {}, configurable: true })
}

/**
 * The OpenAPI adapter makes every schema convert its input, bodies included: `{"advertised": "false"}` would turn a relay
 * on, and since the schemas are shared, for the pages too. Only numbers in paths and queries, which are text, may be
 * converted; all other fields are locked here. Call it before the adapter's first request.
 */
export function lockCoercion(router: AnyTRPCRouter): void {
  // Flat, by dotted name, whatever the routers' nesting.
  const procedures: Readonly<Record<string, { readonly _def: object }>> = router._def.procedures
  for (const procedure of Object.values(procedures)) {
    const { meta, inputs } = readDef(procedure)
    const openapi = meta?.openapi
    if (openapi === undefined) continue
    const inPath = new Set([...openapi.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]))
    const hasBody = openapi.method !== 'GET' && openapi.method !== 'DELETE'
    for (const input of inputs) {
      for (const [name, field] of Object.entries(shapeOf(input) ?? {})) {
        if (innermost(field)._zod.def.type === 'number' && (inPath.has(name) || !hasBody)) continue
        lock(field)
      }
    }
  }
}

interface Definition { readonly meta?: { readonly openapi?: { readonly method: string; readonly path: string } }; readonly inputs: readonly Schema[] }

/** A procedure's inside, which the router's types keep to themselves. */
function readDef(procedure: { readonly _def: object }): Definition {
  const def: { readonly meta?: Definition['meta']; readonly inputs?: readonly Schema[] } = procedure._def
  return { inputs: def.inputs ?? [], ...(def.meta === undefined ? {} : { meta: def.meta }) }
}
