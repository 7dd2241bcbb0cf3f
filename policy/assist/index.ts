/** Help for who writes the text. Not part of `policy/index.ts`: the editor alone needs it, and loads it with itself. */
export { type About, aboutAt } from './about.ts'
export { complete, type Completion, type Option } from './complete.ts'
export type { Known } from './known.ts'
