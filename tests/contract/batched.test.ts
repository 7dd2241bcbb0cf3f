import { dataPlaneContract } from './dataplane-suite.ts'
import { planes } from './planes.ts'

dataPlaneContract('batched', planes.batched)
