import { createBatchedPlane, createDgramPlane, packagedBinary, type DataPlane, type OnControl } from '../../agent/dataplane/index.ts'
import type { BatchedOptions } from '../../agent/dataplane/batched/plane.ts'

export const isLinux = process.platform === 'linux'

const nativePath = (): string => packagedBinary(process.arch === 'arm64' ? 'linux_arm64' : 'linux_x64')

export const batchedPlane = (onControl: OnControl, options: Omit<BatchedOptions, 'nativePath'> = {}) => createBatchedPlane(onControl, { nativePath: nativePath(), ...options })

export const planes: Readonly<Record<'dgram' | 'batched' | 'batched in three threads', (onControl: OnControl) => DataPlane>> = {
  dgram: (onControl) => createDgramPlane(onControl),
  batched: (onControl) => batchedPlane(onControl, { workers: 1 }),
  'batched in three threads': (onControl) => batchedPlane(onControl, { workers: 3 }),
}
