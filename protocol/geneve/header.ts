import { fail, ok, type Result } from '../../lib/result.ts'
import { controlBit, headerBytes, protocolDisco, protocolWireGuard } from './constants.ts'
import { readControl, readProtocol, readVni } from './read.ts'

/**
 * ```
 *  Ver(2) OptLen(6) | O(1) C(1) Rsvd(6) | Protocol Type(16)
 *  VNI(24)                              | Reserved(8)
 * ```
 */
export interface GeneveHeader {
  /** 0 .. 2^24-1; 0 is never allocated. */
  readonly vni: number
  readonly control: boolean
  readonly protocol: number
}

export type GeneveError = 'short' | 'bad-version' | 'has-options' | 'bad-protocol'

/**
 * The fixed header, strictly: another version than 0, options, or a protocol type that no relay carries is refused
 * (spec section 1; a stock peer is laxer). The payload starts at byte 8.
 */
export function decodeGeneve(bytes: Uint8Array): Result<GeneveHeader, GeneveError> {
  const lenient = decodeGeneveLenient(bytes)
  if (!lenient.ok) return lenient
  const { vni, control, protocol, version, optionBytes } = lenient.value
  if (version !== 0) return fail('bad-version')
  if (optionBytes !== 0) return fail('has-options')
  if (protocol !== protocolDisco && protocol !== protocolWireGuard) return fail('bad-protocol')
  return ok({ vni, control, protocol })
}

/** As stock peers read it: any version, options not looked at. For diagnosis. */
export function decodeGeneveLenient(
  bytes: Uint8Array,
): Result<GeneveHeader & { readonly version: number; readonly optionBytes: number }, 'short'> {
  if (bytes.length < headerBytes) return fail('short')
  const first = bytes[0] ?? 0
  return ok({
    vni: readVni(bytes),
    control: readControl(bytes),
    protocol: readProtocol(bytes),
    version: first >> 6,
    optionBytes: (first & 0x3f) * 4,
  })
}

/** The eight bytes of a header. A VNI is cut to its low 24 bits, as stock encoders cut it; a protocol beyond 16 bits throws. */
export function encodeGeneve(header: GeneveHeader): Uint8Array {
  const { vni, protocol } = header
  if (!Number.isInteger(vni) || vni < 0) throw new RangeError(`VNI ${vni} is not a natural number`)
  if (!Number.isInteger(protocol) || protocol < 0 || protocol > 0xffff) throw new RangeError(`protocol ${protocol} is not 16 bits`)
  return Uint8Array.of(
    0, header.control ? controlBit : 0, protocol >> 8, protocol & 0xff,
    (vni >> 16) & 0xff, (vni >> 8) & 0xff, vni & 0xff, 0,
  )
}
