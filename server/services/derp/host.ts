import { isIP } from 'node:net'

const label = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?$/

/** A host name or an address, in small letters and without brackets; undefined: it is neither. */
export function readHost(text: string): string | undefined {
  const host = text.trim().toLowerCase().replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
  if (isIP(host) !== 0) return host.includes('%') ? undefined : host
  const labels = host.split('.')
  // What ends in digits alone is an address that is not one.
  return host.length <= 253 && labels.every((part) => label.test(part)) && !/^\d+$/.test(labels.at(-1) ?? '') ? host : undefined
}
