import { dataPlaneContract } from './dataplane-suite.ts'
import { isLinux, planes } from './planes.ts'

dataPlaneContract('dgram', planes.dgram)
if (isLinux) for (const name of ['batched', 'batched in three threads'] as const) dataPlaneContract(name, planes[name])
