import { z } from 'zod'
import { tsProgram, type Lab, type SiteName } from '../../netlab/index.ts'
import { programs } from './flow.ts'

const endSchema = z.object({ bytes: z.number(), sha256: z.string(), ms: z.number() })

export interface Transfer {
  readonly bytes: number
  readonly ms: number
  readonly bitsPerSecond: number
}

export interface TransferOptions {
  readonly from: SiteName
  readonly to: SiteName
  /** `to`'s address in the network. */
  readonly address: string
  readonly bytes: number
  readonly port?: number
  readonly withinMs?: number
}

/** Moves random bytes over one TCP connection. Throws unless all arrive as they were sent. */
export async function transfer(lab: Lab, { from, to, address, bytes, port = 5002, withinMs = 120_000 }: TransferOptions): Promise<Transfer> {
  const receiver = lab.spawn(to, tsProgram(programs, 'transfer', 'receive', port))
  try {
    await receiver.seen(/^ready$/m, 10_000)
    const sent = endSchema.parse(JSON.parse(await lab.run(from, tsProgram(programs, 'transfer', 'send', address, port, bytes), { timeoutMs: withinMs })))
    const [line] = await receiver.seen(/^\{.*\}$/m, withinMs)
    const got = endSchema.parse(JSON.parse(line))
    if (got.bytes !== sent.bytes || got.sha256 !== sent.sha256) throw new Error(`sent ${sent.bytes} bytes (${sent.sha256}), arrived ${got.bytes} (${got.sha256})`)
    return { bytes: got.bytes, ms: got.ms, bitsPerSecond: (got.bytes * 8000) / got.ms }
  } finally {
    await receiver.stop()
  }
}
