import { createHash } from 'node:crypto'
import type { Clock } from '../../../lib/clock.ts'
import { shortKey } from '../../../protocol/keys.ts'
import { registerRequestSchema, type RegisterRequest } from '../../../protocol/tailcfg/index.ts'
import type { Bus } from '../../bus/index.ts'
import { TowpathError } from '../../errors/index.ts'
import type { RegisterCaller, RegisterOutcome } from '../../services/node/register.ts'
import type { Caller, Exchange, ExchangeHandler } from '../transport/types.ts'
import { registerAnswer } from './answer.ts'
import { RegisterLimiter, type RegisterLimits } from './limits.ts'
import { LoginWaiters } from './waiters.ts'

export interface RegisterDeps {
  /** `registerClient` of server/services, with its context. */
  readonly register: (caller: RegisterCaller, request: RegisterRequest) => Promise<RegisterOutcome>
  readonly bus: Pick<Bus, 'subscribe'>
  readonly clock: Clock
  /** A pino logger fits. */
  readonly log: { info(fields: object, text: string): void; warn(fields: object, text: string): void }
  readonly limits?: RegisterLimits
}

const maxBodyBytes = 262_144

function tooOften(text: string, seconds: number): TowpathError {
  return new TowpathError({ code: 'rate-limited', text, fix: `Wait ${seconds} s`, details: { retryAfterSeconds: seconds } })
}

async function readRequest(exchange: Exchange): Promise<RegisterRequest> {
  const bytes = await exchange.body(maxBodyBytes)
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new TowpathError({ code: 'invalid', text: 'The body is no JSON', fix: 'Send a register request' })
  }
  const parsed = registerRequestSchema.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new TowpathError({ code: 'invalid', text: `${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? 'is wrong'}`, fix: 'Send a register request' })
}

/**
 * Serves `POST /machine/register`. A client that waits for a person is answered within a moment of the decision, or with
 * a fresh address when the time for it is over; one that hangs up is forgotten. `dispose` ends its subscription.
 */
export function registerHandler({ register, bus, clock, log, limits }: RegisterDeps): ExchangeHandler & { dispose(): void } {
  const limiter = new RegisterLimiter(clock, limits)
  const waiters = new LoginWaiters(bus)

  async function decided(exchange: Exchange, request: RegisterRequest): Promise<Exclude<RegisterOutcome, { type: 'waiting' }> | undefined> {
    const { caller: { machineKey, ip }, signal } = exchange
    while (!signal.aborted) {
      const { changes } = waiters
      const outcome = await register({ machineKey, ip }, request)
      if (outcome.type !== 'waiting') return outcome
      // What changed meanwhile may have been this one.
      if (waiters.changes === changes) await waiters.changed(outcome.loginId, outcome.until - clock.now(), signal)
    }
    return undefined
  }

  async function handle(exchange: Exchange): Promise<void> {
    const { caller } = exchange
    const wait = limiter.take(caller)
    if (wait > 0) throw tooOften('This machine or its address asks to register too often', wait)
    const request = await readRequest(exchange)
    const attempt = attemptKey(caller, request)
    const pause = limiter.refused(attempt)
    if (pause > 0) throw tooOften('This was refused several times already', pause)
    const outcome = await decided(exchange, request)
    if (outcome === undefined) return
    const fields = { machine: shortKey(caller.machineKey), ip: caller.ip, version: request.Version, hostname: request.Hostinfo?.Hostname }
    if (outcome.type === 'refused') {
      limiter.countRefusal(attempt)
      log.warn({ ...fields, reason: outcome.text }, 'register: a client was refused')
    } else {
      // What waits at an address stays between its machine and its person: no URL here.
      log.info({ ...fields, outcome: outcome.type, ...(outcome.type === 'admitted' ? { node: outcome.name } : {}) }, 'register')
    }
    if (outcome.type === 'admitted') exchange.registered()
    exchange.answer(200, registerAnswer(outcome))
  }

  return Object.assign(handle, { dispose: () => waiters.dispose() })
}

/** One machine's try with one auth key, which is not kept. */
function attemptKey({ machineKey }: Caller, { Auth }: RegisterRequest): string {
  return `${machineKey} ${createHash('sha256').update(Auth?.AuthKey ?? '').digest('base64')}`
}
