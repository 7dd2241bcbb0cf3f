import { z } from 'zod'

/** What the control plane tells whoever started it, over the process's own channel; once. */
export const readinessSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('ready'),
    /** A URL for the first owner, while there is none. */
    ownerLink: z.string().optional(),
    /** What the operator should know, one sentence each. */
    warnings: z.array(z.string()),
  }),
  /** It cannot start: one line for the operator. */
  z.object({ type: z.literal('failed'), text: z.string() }),
])
export type Readiness = z.infer<typeof readinessSchema>

/** What goes on meanwhile, any number of times: a sentence without its end. */
export const progressSchema = z.object({ type: z.literal('progress'), text: z.string() })

export function tellProgress(text: string): void {
  process.send?.({ type: 'progress', text } satisfies z.infer<typeof progressSchema>)
}

/** Tells it where there is anybody to tell; resolves when it is on its way. */
export function tellReadiness(readiness: Readiness): Promise<void> {
  return new Promise((resolve) => {
    if (process.send) process.send(readiness, undefined, undefined, () => resolve())
    else resolve()
  })
}
