import { z } from 'zod'
import type { Lab, SiteName } from '../../netlab/index.ts'

const reportSchema = z.object({
  end: z.object({
    sum_sent: z.object({ bits_per_second: z.number(), retransmits: z.number().optional() }),
    sum_received: z.object({ bits_per_second: z.number() }),
  }),
})

export interface IperfOptions {
  readonly from: SiteName
  readonly to: SiteName
  /** `to`'s address, in the network or outside. */
  readonly address: string
  readonly seconds?: number
  /** Not counted, at the start; 1 unless told. */
  readonly omitSeconds?: number
  readonly port?: number
  /** More words for the client, such as `-R`. */
  readonly args?: readonly string[]
}

export interface IperfResult {
  /** As received. */
  readonly bitsPerSecond: number
  readonly retransmits: number
}

/** One TCP measurement with iperf3. */
export async function iperf(lab: Lab, { from, to, address, seconds = 5, omitSeconds = 1, port = 5201, args = [] }: IperfOptions): Promise<IperfResult> {
  const server = lab.spawn(to, ['iperf3', '-s', '-1', '-p', String(port), '--forceflush'])
  try {
    await server.seen(/listening/, 5000)
    const words = ['iperf3', '-J', '-t', String(seconds), '-O', String(omitSeconds), '-p', String(port), '-c', address, ...args]
    const { end } = reportSchema.parse(JSON.parse(await lab.run(from, words, { timeoutMs: (seconds + omitSeconds + 20) * 1000 })))
    return { bitsPerSecond: end.sum_received.bits_per_second, retransmits: end.sum_sent.retransmits ?? 0 }
  } finally {
    await server.stop()
  }
}
