import type { AnyTRPCRouter } from '@trpc/server'
import { generateOpenApiDocument } from 'trpc-to-openapi'
import { z } from 'zod'
import { apiProcedures, insideOf, type Schema } from './procedures.ts'

/** Every error of the API. */
export const apiErrorSchema = z.object({
  error: z.object({
    code: z.string().meta({ description: 'Stable: unauthenticated, forbidden, not-found, invalid, conflict, rate-limited, unavailable, too-large, internal' }),
    message: z.string().meta({ description: 'What happened and where, one sentence' }),
    fix: z.string().meta({ description: 'What to do about it' }),
    path: z.string().optional().meta({ description: 'The field to blame, such as tags.0' }),
    issues: z.array(z.object({ path: z.string(), expected: z.string() })).optional().meta({ description: 'Each field that is wrong' }),
    details: z.unknown().optional().meta({ description: 'More, such as the problems of a policy' }),
  }),
})
export type ApiError = z.infer<typeof apiErrorSchema>

export type OpenApiDocument = ReturnType<typeof generateOpenApiDocument>

/** Says of each date inside a schema what it is in JSON. */
function describeDates(schema: Schema): void {
  if (schema._zod.def.type === 'date') z.globalRegistry.add(schema, { format: 'date-time', ...z.globalRegistry.get(schema) })
  for (const inner of insideOf(schema)) describeDates(inner)
}

/** What the API offers, in OpenAPI 3.1. Made from the router, so it cannot tell of another API than the one served. */
export function apiDocument(router: AnyTRPCRouter, version: string, publicUrl: string): OpenApiDocument {
  for (const { def } of apiProcedures(router)) if (def.output) describeDates(def.output)
  const document = generateOpenApiDocument(router, {
    title: 'Towpath',
    description: 'The control plane over HTTP and JSON. Send an API token, made in Settings, as a bearer token. Dates are ISO 8601 in UTC.',
    version,
    baseUrl: `${publicUrl}/api/v1`,
    securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'An API token, tp_…' } },
    defs: { Error: apiErrorSchema },
  })
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } }
  for (const path of Object.values(document.paths ?? {})) {
    for (const method of ['get', 'post', 'put', 'patch', 'delete'] as const) {
      const operation = path[method]
      if (!operation) continue
      // The generator describes errors of its own form, which this API does not use.
      for (const [status, response] of Object.entries(operation.responses ?? {})) {
        if (!status.startsWith('2') && 'description' in response) Object.assign(response, { content })
      }
    }
  }
  return document
}
