export type * from './contract.ts'
export { createDgramPlane } from './dgram.ts'
