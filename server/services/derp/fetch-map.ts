import { fail, ok, type Result } from '../../../lib/result.ts'

/** A map of 256 regions is a few hundred kB. */
const maxBytes = 1024 * 1024
const withinMs = 20_000

/** Asks a URL for a DERP map; a failure is a text for people. Parsed as JSON, not yet looked at. */
export type FetchMap = (url: string, signal?: AbortSignal) => Promise<Result<unknown>>

export async function fetchMap(url: string, signal?: AbortSignal, timeoutMs = withinMs): Promise<Result<unknown>> {
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])]), headers: { accept: 'application/json' } })
    if (response.status >= 300 && response.status < 400) return await end(response, `it leads elsewhere (${response.status}): give the address that it leads to`)
    if (response.status !== 200) return await end(response, `it answers with status ${response.status}`)
    const text = await readText(response)
    return text === undefined ? fail(`it answers with more than ${maxBytes / 1024 / 1024} MiB`) : parse(text)
  } catch (error) {
    return fail(words(error, timeoutMs))
  }
}

/** A body that nobody reads would hold the connection. */
async function end(response: Response, text: string): Promise<Result<unknown>> {
  await response.body?.cancel()
  return fail(text)
}

async function readText({ body }: Response): Promise<string | undefined> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of body ?? []) {
    length += part.length
    // Leaving the loop cancels the rest.
    if (length > maxBytes) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function parse(text: string): Result<unknown> {
  try {
    return ok(JSON.parse(text))
  } catch {
    return fail('it does not answer with JSON')
  }
}

function words(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return 'it cannot be reached'
  if (error.name === 'TimeoutError') return `no whole answer within ${timeoutMs / 1000} s`
  const cause = error.cause instanceof Error ? error.cause : error
  const code = 'code' in cause ? String(cause.code) : ''
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'its name is not found'
  if (code === 'ECONNREFUSED') return 'nothing answers there (connection refused)'
  return `it cannot be reached: ${cause.message || code || error.message}`
}
