/** What both sides have after the handshake; keys are 32 raw bytes, each for one direction. */
export interface Session {
  readonly sendKey: Uint8Array
  readonly receiveKey: Uint8Array
  /** The same on both sides, and on no other connection. */
  readonly handshakeHash: Uint8Array
}
