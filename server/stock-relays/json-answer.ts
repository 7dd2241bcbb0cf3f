import type { z } from 'zod'

/** What a client answered, as `schema` has it; undefined: it is no JSON, or another. */
export function readJson<T>(schema: z.ZodType<T>, body: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(body)).data
  } catch {
    return undefined
  }
}
