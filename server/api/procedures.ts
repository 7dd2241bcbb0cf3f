import type { AnyTRPCRouter } from '@trpc/server'
import type { z } from 'zod'

export type Schema = z.core.$ZodType

/** A procedure's inside, which the router's types keep to themselves. */
export interface ProcedureDef {
  readonly meta?: { readonly openapi?: { readonly method: string; readonly path: string } }
  readonly inputs?: readonly Schema[]
  readonly output?: Schema
}

/** The procedures that the API serves. */
export function apiProcedures(router: AnyTRPCRouter): { readonly def: ProcedureDef; readonly method: string; readonly path: string }[] {
  // Flat, by dotted name, whatever the routers' nesting.
  const procedures: Readonly<Record<string, { readonly _def: ProcedureDef }>> = router._def.procedures
  return Object.values(procedures).flatMap(({ _def: def }) => (def.meta?.openapi ? [{ def, ...def.meta.openapi }] : []))
}

/** Schemas directly inside a schema. */
export function insideOf(schema: Schema): Schema[] {
  const def: {
    readonly type: string; readonly innerType?: Schema; readonly in?: Schema; readonly out?: Schema; readonly element?: Schema; readonly valueType?: Schema
    readonly options?: readonly Schema[]; readonly shape?: Readonly<Record<string, Schema>>
  } = schema._zod.def
  const one = [def.innerType, def.in, def.out, def.element, def.valueType].filter((inner) => inner !== undefined)
  return [...one, ...(def.options ?? []), ...Object.values(def.shape ?? {})]
}
