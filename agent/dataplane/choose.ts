import { createBatchedPlane } from './batched/index.ts'
import { loadLibc } from './batched/libc.ts'
import { nativeBinary } from './batched/native.ts'
import { whatSocketsLack } from './batched/open-socket.ts'
import { comeBeforeForwarding } from './batched/priority.ts'
import type { DataPlane, OnControl } from './contract.ts'
import { createDgramPlane } from './dgram.ts'
import type { DataPlaneName } from './options.ts'

export interface PlaneChoice {
  /** `auto`: batched where this machine has what it takes. */
  readonly wanted: DataPlaneName
  /** Threads of the batched plane; absent: its own choice. */
  readonly workers: number | undefined
  /** Where a bundle's binary is unpacked to; only this user may write there. */
  readonly nativeFolder: string
  readonly onWorkerDeath: (why: string) => void
}

/** What is asked of this machine; others in tests. */
export interface Machine {
  readonly nativeBinary: typeof nativeBinary
  readonly whatSocketsLack: typeof whatSocketsLack
  readonly comeBeforeForwarding: typeof comeBeforeForwarding
}

/** The fastest plane that works here; where it is not the fast one, its state's text says why. Never throws. */
export function createPlane(onControl: OnControl, { wanted, workers, nativeFolder, onWorkerDeath }: PlaneChoice, machine: Machine = { nativeBinary, whatSocketsLack, comeBeforeForwarding }): DataPlane {
  if (wanted === 'dgram') return createDgramPlane(onControl)
  const native = machine.nativeBinary(nativeFolder)
  if (!native.ok) return withoutBatches(onControl, native.lacks)
  try {
    const libc = loadLibc(native.path)
    const lacks = machine.whatSocketsLack(libc)
    if (lacks !== undefined) return withoutBatches(onControl, lacks)
    return createBatchedPlane(onControl, { nativePath: native.path, libc, workers, onWorkerDeath, priority: machine.comeBeforeForwarding() })
  } catch (error) {
    return withoutBatches(onControl, error instanceof Error ? error.message : String(error))
  }
}

function withoutBatches(onControl: OnControl, lacks: string): DataPlane {
  return createDgramPlane(onControl, `batched sockets: ${lacks}`)
}
