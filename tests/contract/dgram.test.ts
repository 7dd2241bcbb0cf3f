import { createDgramPlane } from '../../agent/dataplane/index.ts'
import { dataPlaneContract } from './dataplane-suite.ts'

dataPlaneContract('dgram', createDgramPlane)
