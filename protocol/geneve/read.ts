import { controlBit, headerBytes, protocolDisco, protocolWireGuard } from './constants.ts'

/** What a datagram's header says, without an object: the data path switches on it. */
export type GeneveClass =
  /** O clear, WireGuard: forwarded. */
  | 'data'
  /** O clear, disco: a path probe between the two clients; forwarded. */
  | 'probe'
  /** O set, disco: the bind handshake. */
  | 'control'
  | 'short'
  | 'bad-version'
  | 'has-options'
  | 'bad-protocol'

/** Reads the header of a whole datagram; allocates nothing. Reserved bits and C are ignored, as stock peers do. */
export function classify(bytes: Uint8Array): GeneveClass {
  if (bytes.length < headerBytes) return 'short'
  const first = bytes[0] ?? 0
  if (first >> 6 !== 0) return 'bad-version'
  if ((first & 0x3f) !== 0) return 'has-options'
  const protocol = readProtocol(bytes)
  if (protocol !== protocolDisco && protocol !== protocolWireGuard) return 'bad-protocol'
  if (!readControl(bytes)) return protocol === protocolWireGuard ? 'data' : 'probe'
  return protocol === protocolDisco ? 'control' : 'bad-protocol'
}

/** The three readers below want at least `headerBytes` bytes. */
export function readVni(bytes: Uint8Array): number {
  return ((bytes[4] ?? 0) << 16) | ((bytes[5] ?? 0) << 8) | (bytes[6] ?? 0)
}

export function readProtocol(bytes: Uint8Array): number {
  return ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0)
}

export function readControl(bytes: Uint8Array): boolean {
  return ((bytes[1] ?? 0) & controlBit) !== 0
}
