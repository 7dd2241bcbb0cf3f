import type { Clock, RandomBytes } from '../../../lib/clock.ts'
import { KeyedBuckets } from '../../../lib/keyed-buckets.ts'
import { TokenBucket } from '../../../lib/token-bucket.ts'
import { pingResponseSchema, type PingRequest, type PingResponse } from '../../../protocol/tailcfg/index.ts'
import { TowpathError } from '../../errors/index.ts'
import type { C2nAnswer, C2nRequest, PingType, Questions } from '../../services/questions.ts'
import type { ExchangeHandler } from '../transport/types.ts'
import { encodeHttpRequest } from './http-request.ts'
import { parseHttpResponse } from './http-response.ts'
import { maxOutstanding, maxPerNode, Outstanding, type Kind } from './outstanding.ts'

/** A client says nothing of a ping that fails within its own 10 s (spec/coordination.md, trap 17). */
const pingMs = 12_000
const c2nMs = 30_000
/** How long a token is worth anything (§10). */
const longestMs = 90_000
/** The whole answer of a c2n question: a network map, or metrics (§10). */
const maxC2nBytes = 4 << 20
const maxPingBytes = 16_384
/** Each question is real work and traffic of the client. */
const nodeRate = { perSecond: 2, burst: 20 } as const
const totalRate = { perSecond: 200, burst: 1000 } as const
/** Remembered for their rate. */
const maxNodes = 10_000

export interface QuestionsOptions {
  /** Puts it into the node's map stream; false: it has none. */
  readonly tell: (nodeId: number, message: { readonly PingRequest: PingRequest }) => boolean
  /** Of the node; an answer counts from this machine alone. Undefined: there is no such node. */
  readonly machineKeyOf: (nodeId: number) => string | undefined
  readonly clock: Clock
  readonly random: RandomBytes
  readonly log: { warn(fields: object, text: string): void }
}

export interface QuestionDesk extends Questions {
  /** Serves `POST /c2n/<token>` and `POST /ping/<token>` of the Noise connection. */
  readonly handler: ExchangeHandler
  dispose(): void
}

const unavailable = (text: string, fix: string): TowpathError => new TowpathError({ code: 'unavailable', text, fix })

/** Asks clients by their map streams, and takes their answers, each once and from the right machine. */
export function createQuestions({ tell, machineKeyOf, clock, random, log }: QuestionsOptions): QuestionDesk {
  const outstanding = new Outstanding(random)
  const total = new TokenBucket(totalRate, clock.now())
  const nodes = new KeyedBuckets<number>(nodeRate, maxNodes)

  function admit(nodeId: number): void {
    const now = clock.now()
    const isFree = outstanding.size < maxOutstanding && outstanding.ofNode(nodeId) < maxPerNode
    // What the node refuses is not taken from all.
    if (!isFree || !nodes.has(nodeId, now) || !total.take(1, now) || !nodes.take(nodeId, now)) throw new TowpathError({ code: 'rate-limited', text: 'This client is asked too much at once', fix: 'Try again in some seconds' })
  }

  /** Pings that wait, by who asks whom how: who asks again meanwhile gets the same answer. Bounded: as `outstanding`. */
  const pinging = new Map<string, Promise<PingResponse | 'no answer'>>()

  /** Undefined: no answer in time. */
  async function ask(kind: Kind, nodeId: number, timeoutMs: number, request: Omit<PingRequest, 'URL' | 'URLIsNoise'>): Promise<Uint8Array | undefined> {
    admit(nodeId)
    const { token, answer } = outstanding.add(kind, nodeId, Math.min(timeoutMs, longestMs))
    // The host is never looked up: the answer comes back on the connection that it was asked on (§7.1).
    if (!tell(nodeId, { PingRequest: { URL: `https://unused/${kind}/${token}`, URLIsNoise: true, ...request } })) {
      outstanding.forget(token)
      throw unavailable('This client is not connected', 'Try again when it is online')
    }
    return answer
  }

  async function ping(nodeId: number, types: PingType, ip: string): Promise<PingResponse | 'no answer'> {
    const body = await ask('ping', nodeId, pingMs, { Types: types, IP: ip })
    if (body === undefined) return 'no answer'
    const parsed = pingResponseSchema.safeParse(json(body))
    if (parsed.success) return parsed.data
    log.warn({ nodeId }, 'questions: an answer to a ping cannot be read')
    throw unavailable('The client’s answer cannot be read', 'Update the client')
  }

  return {
    ping(nodeId, { types, ip }) {
      const key = `${nodeId} ${types} ${ip}`
      const running = pinging.get(key) ?? ping(nodeId, types, ip).finally(() => pinging.delete(key))
      pinging.set(key, running)
      return running
    },
    async c2n(nodeId, request: C2nRequest): Promise<C2nAnswer> {
      const timeoutMs = Math.min(request.timeoutMs ?? c2nMs, longestMs)
      const payload = encodeHttpRequest(request, timeoutMs)
      const body = await ask('c2n', nodeId, timeoutMs, { Types: 'c2n', Payload: Buffer.from(payload).toString('base64') })
      if (body === undefined) throw unavailable('The client does not answer', 'Try again; a client that sleeps answers when it is awake')
      const parsed = parseHttpResponse(body)
      if (!parsed.ok) {
        log.warn({ nodeId, reason: parsed.reason }, 'questions: an answer cannot be read')
        throw unavailable(`The client’s answer cannot be read (${parsed.reason})`, 'Update the client')
      }
      const { status, headers, body: content } = parsed.value
      return { status, headers, body: new TextDecoder().decode(content) }
    },
    async handler(exchange) {
      const match = /^\/(c2n|ping)\/([0-9a-f]{32})$/.exec(exchange.path)
      const kind: Kind = match?.[1] === 'c2n' ? 'c2n' : 'ping'
      const token = match?.[2] ?? ''
      const nodeId = outstanding.nodeOf(kind, token)
      // One text for "unknown" and "not yours" (§10). Somebody else's answer must not use the token up.
      if (nodeId === undefined || machineKeyOf(nodeId) !== exchange.caller.machineKey) return exchange.answer(404, 'no such question')
      if (exchange.method !== 'POST') return exchange.answer(405, 'POST it')
      const body = exchange.body(kind === 'c2n' ? maxC2nBytes : maxPingBytes)
      outstanding.settle(token, body.catch(() => {
        throw unavailable('The client’s answer is too long, or broke off', 'Try again')
      }))
      await body
      exchange.answer(204)
    },
    dispose: () => outstanding.dispose(),
  }
}

function json(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    return undefined
  }
}
