import { DelayLine, type Delay } from './delay-line.ts'
import { script } from './execute.ts'
import type { Layout, Place } from './layout.ts'
import type { SiteName } from './names.ts'

export interface Shape extends Delay {
  /** In each direction, bit/s. */
  readonly bitsPerSecond?: number
}

/** The cables of a lab, and what they do to what they carry. */
export class Links {
  #layout: Layout
  #isOffloading: boolean
  /** Bounded: one per place. */
  #lines = new Map<SiteName, DelayLine>()

  constructor(layout: Layout, isOffloading: boolean) {
    this.#layout = layout
    this.#isOffloading = isOffloading
  }

  #cable(place: Place) {
    const { cable } = place
    if (!cable) throw new Error(`"${place.name}" has no cable`)
    const at = this.#layout.places.get(cable.at) ?? this.#layout.inet
    // While there is a delay line, it is what the bridge sees.
    return { ...cable, at, tap: `d${cable.port}`, onBridge: this.#lines.has(place.name) ? `d${cable.port}` : cable.port }
  }

  /** What it had before is replaced; `{}` is a plain cable. */
  async shape(place: Place, { bitsPerSecond, ...delay }: Shape): Promise<void> {
    const cable = this.#cable(place)
    await this.#lines.get(place.name)?.stop()
    this.#lines.delete(place.name)
    const ends = [[place.namespace, cable.device], [cable.at.namespace, cable.port]] as const
    if (bitsPerSecond === undefined) {
      await script(ends.map(([namespace, device]) => `tc -n ${namespace} qdisc del dev ${device} root 2>/dev/null || true`))
    } else {
      // 4 ms of data at least, and the largest frame twice.
      const burst = Math.round(Math.max(bitsPerSecond / 8 / 250, this.#isOffloading ? 140_000 : 3200))
      await script(ends.map(([namespace, device]) => `tc -n ${namespace} qdisc replace dev ${device} root tbf rate ${bitsPerSecond}bit burst ${burst} latency 50ms`))
    }
    if (Object.values(delay).some((value) => value > 0)) this.#lines.set(place.name, await DelayLine.start(cable.at, cable, cable.tap, delay))
  }

  /** Everything is lost on it, and neither side is told. */
  async cut(place: Place): Promise<void> {
    const { at, onBridge } = this.#cable(place)
    await script([`bridge -n ${at.namespace} link set dev ${onBridge} state 0`])
  }

  async join(place: Place): Promise<void> {
    const { at, onBridge } = this.#cable(place)
    await script([`bridge -n ${at.namespace} link set dev ${onBridge} state 3`])
  }

  /** Nothing passes between two places on the internet any more, either way; `isBlocked` false: everything again. */
  async block(one: Place, two: Place, isBlocked: boolean): Promise<void> {
    const ports = [one, two].map((place) => [this.#cable(place).port, this.#cable(place).tap])
    const pairs = (ports[0] ?? []).flatMap((a) => (ports[1] ?? []).flatMap((b) => [`"${a}" . "${b}"`, `"${b}" . "${a}"`]))
    await script([`ip netns exec ${this.#layout.inet.namespace} nft '${isBlocked ? 'add' : 'delete'} element bridge lab blocked { ${pairs.join(', ')} }'`])
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#lines.values()].map((line) => line.stop()))
  }
}
