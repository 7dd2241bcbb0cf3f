export interface SendQueue {
  /** Frames that must arrive (keys, infos, notices); false when even they are too many: the reader is gone in all but name. */
  pushControl(frame: Uint8Array): boolean
  /** Packets, which may be lost as on any network; returns how many old ones gave way. */
  pushPacket(frame: Uint8Array): number
  next(): Uint8Array | undefined
  /** Bytes of packets that may wait from now on. */
  setLimit(packetBytes: number): void
  readonly empty: boolean
}

const maxControlFrames = 512

/** What waits for one client. Bounded: `maxControlFrames` control frames, and the given bytes of packets (or a single one). */
export function createSendQueue(firstPacketBytes: number): SendQueue {
  let packetBytes = firstPacketBytes
  const control: Uint8Array[] = []
  const packets: Uint8Array[] = []
  let waiting = 0

  function dropOldest(): void {
    waiting -= packets.shift()?.length ?? 0
  }

  return {
    pushControl(frame) {
      if (control.length >= maxControlFrames) return false
      control.push(frame)
      return true
    },
    pushPacket(frame) {
      let dropped = 0
      for (; packets.length > 0 && waiting + frame.length > packetBytes; dropped++) dropOldest()
      packets.push(frame)
      waiting += frame.length
      return dropped
    },
    next() {
      const frame = control.shift() ?? packets[0]
      if (frame && frame === packets[0]) dropOldest()
      return frame
    },
    setLimit(bytes) {
      packetBytes = bytes
    },
    get empty() {
      return control.length === 0 && packets.length === 0
    },
  }
}
