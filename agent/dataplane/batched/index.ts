export { createBatchedPlane, maxWorkers } from './plane.ts'
