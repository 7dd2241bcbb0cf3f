import { dataPlaneContract } from './dataplane-suite.ts'
import { isLinux, planes } from './planes.ts'

dataPlaneContract('dgram', planes.dgram)
if (isLinux) dataPlaneContract('batched', planes.batched)
