import { z } from 'zod'
import { formatAddrPort, parseAddrPort } from '../../lib/addr-port.ts'
import type { ClientPrefs } from '../services/relay/client-wanted.ts'
import { readJson } from './json-answer.ts'

const prefsSchema = z.object({
  RelayServerPort: z.number().int().min(0).max(65_535).nullish(),
  RelayServerStaticEndpoints: z.array(z.string().max(64)).max(64).nullish(),
})

/** Of a client's settings those of its relay; the rest is not looked at. Undefined: these are none. */
export function readPrefs(body: string): ClientPrefs | undefined {
  const prefs = readJson(prefsSchema, body)
  if (prefs === undefined) return undefined
  return {
    port: prefs.RelayServerPort ?? null,
    staticEndpoints: (prefs.RelayServerStaticEndpoints ?? []).flatMap((text) => {
      const endpoint = parseAddrPort(text)
      return endpoint.ok ? [formatAddrPort(endpoint.value)] : []
    }),
  }
}
