import { z } from 'zod'
import { formatAddrPort, parseAddrPort } from '../../lib/addr-port.ts'
import type { ClientPrefs } from '../services/relay/client-wanted.ts'

const prefsSchema = z.object({
  RelayServerPort: z.number().int().min(0).max(65_535).nullish(),
  RelayServerStaticEndpoints: z.array(z.string().max(64)).max(64).nullish(),
})

/** Of a client's settings those of its relay; the rest is not looked at. Undefined: these are none. */
export function readPrefs(body: string): ClientPrefs | undefined {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    return undefined
  }
  const parsed = prefsSchema.safeParse(json)
  if (!parsed.success) return undefined
  return {
    port: parsed.data.RelayServerPort ?? null,
    staticEndpoints: (parsed.data.RelayServerStaticEndpoints ?? []).flatMap((text) => {
      const endpoint = parseAddrPort(text)
      return endpoint.ok ? [formatAddrPort(endpoint.value)] : []
    }),
  }
}
