import type { Bar, Figure } from '../bench.ts'
import type { Scene } from './scene.ts'

export interface PartContext {
  readonly scene: Scene
  readonly rounds: number | undefined
  readonly full: boolean
  readonly say: (line: string) => void
}

export interface PartResult {
  readonly figures: readonly Figure[]
  readonly bars: readonly Bar[]
}

/** What can be run alone. */
export interface Part {
  readonly name: string
  readonly about: string
  run(context: PartContext): Promise<PartResult>
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`
export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
