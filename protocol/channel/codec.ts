import type { z } from 'zod'
import { fromNodeSchema, toNodeSchema, type FromNode, type ToNode } from './messages.ts'

/** Largest frame either side accepts, bytes. A view of 10,000 peers is about 4 MiB. */
export const maxFrameBytes = 16 << 20

export type FrameError = 'not-json' | 'bad-message'

export interface FrameFault {
  readonly ok: false
  readonly reason: FrameError
  /** The field's path and what was expected, for the log. */
  readonly detail: string
}

export type Parsed<T> = { readonly ok: true; readonly value: T } | FrameFault

function parse<T>(schema: z.ZodType<T>, text: string): Parsed<T> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { ok: false, reason: 'not-json', detail: 'the frame is not JSON' }
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return { ok: true, value: parsed.data }
  const issue = parsed.error.issues[0]
  return { ok: false, reason: 'bad-message', detail: `${issue?.path.join('.') || 'frame'}: ${issue?.message ?? 'not a message'}` }
}

export function parseFromNode(text: string): Parsed<FromNode> {
  return parse(fromNodeSchema, text)
}

export function parseToNode(text: string): Parsed<ToNode> {
  return parse(toNodeSchema, text)
}

export function encodeMessage(message: FromNode | ToNode): string {
  return JSON.stringify(message)
}
