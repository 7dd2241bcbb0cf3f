import { fail, ok, type Result } from '../lib/result.ts'

/** "May allocate on this relay" (spec/coordination.md §5.2), and the word to the client that the compiler adds. */
export const relayCapability = 'tailscale.com/cap/relay'
export const relayTargetCapability = 'tailscale.com/cap/relay-target'
export const driveCapability = 'tailscale.com/cap/drive'
export const driveSharerCapability = 'tailscale.com/cap/drive-sharer'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

export const vendorCapabilities: ReadonlySet<string> = new Set(
  ['drive', 'relay', 'webui', 'kubernetes', 'tsidp', 'secrets'].map((name) => `tailscale.com/cap/${name}`),
)

/** The capabilities that come by themselves with another one (spec/policy.md §7.4). */
export const companions: ReadonlyMap<string, string> = new Map([
  [relayCapability, relayTargetCapability],
  [driveCapability, driveSharerCapability],
])

/** Whether a grant may give this capability (spec/policy.md §5); the reason is a sentence for the author. */
export function checkCapabilityName(name: string): Result<string, string> {
  for (const [left, right] of companions) {
    if (name === right) return fail(`"${name}" comes by itself with "${left}": grant that one.`)
  }
  if (name.includes('://')) return fail(`"${name}": write a capability as "domain/path", without a scheme.`)
  if (!/^[^\s/]+\/[^\s]+$/.test(name)) return fail(`"${name}" is not a capability: write it as "domain/path".`)
  if (name.toLowerCase().startsWith('tailscale.com/') && !vendorCapabilities.has(name)) {
    return fail(`"${name}" is reserved: of "tailscale.com/" a grant can give ${[...vendorCapabilities].join(', ')}.`)
  }
  return ok(name)
}
