export { createCoordination, type Coordination, type CoordinationOptions } from './coordination.ts'
export type { MapCounts } from './map/index.ts'
export type { TransportCounts } from './transport/index.ts'
