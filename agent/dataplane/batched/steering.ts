/** Bytes of a `sock_filter` and of a `sock_fprog`. */
const instructionBytes = 8
export const programBytes = 16

const loadWord = 0x20
const shiftRight = 0x74
const modulo = 0x94
const returnAccumulator = 0x16

/** Byte of the VNI in a UDP payload; with the reserved byte behind it, a word. */
const vniOffset = 4

/**
 * Classic BPF that gives a datagram's socket by its VNI, as an index in the order of binding: `vni % sockets`. What is
 * shorter goes to the first, as a load beyond the end returns 0.
 */
export function steeringProgram(sockets: number): Uint8Array {
  const program: readonly (readonly [code: number, k: number])[] = [[loadWord, vniOffset], [shiftRight, 8], [modulo, sockets], [returnAccumulator, 0]]
  const bytes = new Uint8Array(program.length * instructionBytes)
  const view = new DataView(bytes.buffer)
  for (const [i, [code, k]] of program.entries()) {
    view.setUint16(i * instructionBytes, code, true)
    view.setUint32(i * instructionBytes + 4, k, true)
  }
  return bytes
}

export const steeringInstructions = 4
