import type { Hostinfo } from '../../../protocol/tailcfg/index.ts'
import type { Prisma } from '../../db/client.ts'
import { TowpathError } from '../../errors/index.ts'
import { plainText } from './joining.ts'

/** A stock client that wants to be a machine, its machine key proven. Keys in canonical text. */
export interface ClientClaim {
  readonly machineKey: string
  readonly nodeKey: string
  /** The key that it had before; it stays set for good after one change. */
  readonly oldNodeKey?: string
  readonly capVersion: number
  readonly hostinfo: Hostinfo
  /** It asks to be forgotten when it goes. */
  readonly ephemeral: boolean
  readonly ip: string
}

const maxHostinfoBytes = 65_536

/** Names of members are a client's words, too. */
function storable(value: unknown): unknown {
  if (typeof value === 'string') return plainText(value)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [plainText(name), member]))
}

/** A Hostinfo as a row takes it: no text with what a database cannot hold. Throws `invalid` beyond 64 KiB. */
export function storableHostinfo(hostinfo: Hostinfo): Prisma.InputJsonObject {
  const text = JSON.stringify(hostinfo, (_, value: unknown) => storable(value))
  if (Buffer.byteLength(text) > maxHostinfoBytes) {
    throw new TowpathError({ code: 'invalid', text: 'The Hostinfo is larger than 64 KiB', fix: 'Send less of it', path: 'Hostinfo' })
  }
  return JSON.parse(text)
}

/** What pages and peers are shown of a client, of its own words. */
export function clientFields(hostinfo: Hostinfo, capVersion: number) {
  return {
    hostname: plainText(hostinfo.Hostname), os: plainText(hostinfo.OS),
    // `1.102.3-t0123abcd-g4567ef01`: the rest is for its makers.
    version: plainText(hostinfo.IPNVersion).split('-')[0] ?? '',
    capVersion, hostinfo: storableHostinfo(hostinfo),
  }
}
