export { createDerpClient, type DerpClient, type DerpClientOptions } from './client.ts'
export type { DerpClientStats, DerpState, SendDrop } from './machine.ts'
