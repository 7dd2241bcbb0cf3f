import { createBatchedPlane, packagedBinary } from '../../agent/dataplane/index.ts'
import { dataPlaneContract } from './dataplane-suite.ts'

const nativePath = packagedBinary(process.arch === 'arm64' ? 'linux_arm64' : 'linux_x64')

dataPlaneContract('batched', (onControl) => createBatchedPlane(onControl, { nativePath }))
