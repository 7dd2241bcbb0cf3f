import type { Explanation, OpenPorts } from '../../policy/index.ts'

export type SimulatedEnd = {
  readonly id: number
  readonly name: string
  /** Its tags, or whose it is. */
  readonly who: string
  /** Why it asks no relay for an endpoint, whatever the policy; undefined: it may. */
  readonly whyNot?: string
}

/** What is reached behind the other end, where that is a router. */
export type SimulatedRoute = {
  readonly route: string
  /** The machine that traffic to it goes by; undefined: none is told. */
  readonly by?: { readonly id: number; readonly name: string }
  readonly open: readonly OpenPorts[]
}

/** From one end to the other. */
export type SimulatedWay = Explanation & {
  readonly from: string
  readonly to: string
  readonly open: readonly OpenPorts[]
  readonly behind: readonly SimulatedRoute[]
}

/** What one end makes of one relay. */
export type SimulatedAsk = Explanation & {
  readonly end: string
  /** It asks the relay for an endpoint when it looks for a path to the other. */
  readonly isAsked: boolean
  /** Limits and preference that hold for it there. */
  readonly limits: readonly { readonly words: string; readonly lines: readonly number[] }[]
}

export type SimulatedRelay = {
  readonly id: number
  readonly name: string
  readonly isUp: boolean
  readonly isAsked: boolean
  readonly asks: readonly SimulatedAsk[]
}

/** What two machines may do and what they are expected to do. Nothing here says that packets arrive. */
export type Simulation = {
  readonly ends: readonly [SimulatedEnd, SimulatedEnd]
  /** Each is in the other's list of peers. */
  readonly seeEachOther: boolean
  readonly ways: readonly [SimulatedWay, SimulatedWay]
  /** Every relay besides the two; those that are asked first. */
  readonly relays: readonly SimulatedRelay[]
  /** Which relay is expected to win, and why, or why that is not known; `relayId` undefined: none, or not known. */
  readonly expected: { readonly relayId?: number; readonly sentence: string }
  /** What carries traffic otherwise. */
  readonly otherwise: string
}
