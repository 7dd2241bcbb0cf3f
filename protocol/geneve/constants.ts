/** Geneve fixed header (RFC 8926), spec section 1. No options are ever sent or accepted. */
export const headerBytes = 8

/** Protocol types that a relay carries. */
export const protocolDisco = 0x7a11
export const protocolWireGuard = 0x7a12

/** The largest Virtual Network Identifier: 24 bits. */
export const maxVni = 0xff_ffff

/** The O bit of byte 1: a message between a client and the relay itself. */
export const controlBit = 0x80
