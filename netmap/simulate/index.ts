export type { SimulatedRelay, SimulatedWay, Simulation } from './model.ts'
export { simulate } from './simulate.ts'
