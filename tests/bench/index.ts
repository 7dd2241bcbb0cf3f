import type { Bench } from './bench.ts'
import { coordinationBench } from './coordination/bench.ts'
import { interopBench } from './interop/bench.ts'
import { policyBench } from './policy/bench.ts'
import { relayBench } from './relay/bench.ts'

export { CannotBench, type Bench, type BenchResult } from './bench.ts'
export { benchJson, benchText } from './report.ts'

/** Everything that `npm run bench` knows. */
export const benches: readonly Bench[] = [relayBench, coordinationBench, interopBench, policyBench]
