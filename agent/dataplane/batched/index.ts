export { createBatchedPlane } from './plane.ts'
