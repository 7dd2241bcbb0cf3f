import { loadLibc } from '../../agent/dataplane/batched/libc.ts'
import { createBatchedPlane, type BatchedOptions } from '../../agent/dataplane/batched/plane.ts'
import { createDgramPlane } from '../../agent/dataplane/dgram.ts'
import { packagedBinary, type DataPlane, type OnControl } from '../../agent/dataplane/index.ts'

export const isLinux = process.platform === 'linux'

export const nativePath = packagedBinary(process.arch === 'arm64' ? 'linux_arm64' : 'linux_x64')

export const batchedPlane = (onControl: OnControl, options: Omit<BatchedOptions, 'nativePath' | 'libc'> = {}) => createBatchedPlane(onControl, { nativePath, libc: loadLibc(nativePath), ...options })

export const planes: Readonly<Record<'dgram' | 'batched' | 'batched in three threads', (onControl: OnControl) => DataPlane>> = {
  dgram: (onControl) => createDgramPlane(onControl),
  batched: (onControl) => batchedPlane(onControl, { workers: 1 }),
  'batched in three threads': (onControl) => batchedPlane(onControl, { workers: 3 }),
}
