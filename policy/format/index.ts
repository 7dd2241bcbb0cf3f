/** Not part of `policy/index.ts`: who formats loads it then. */
export { type Formatted, formatPolicy } from './format.ts'
