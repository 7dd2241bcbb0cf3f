import type { ServerHttp2Stream } from 'node:http2'
import { TowpathError } from '../../errors/index.ts'
import { BodyTooLarge } from './error-answer.ts'

/** What the bodies of one connection that are being read may have together. */
export class BodyBudget {
  #taken = 0
  readonly #most: () => number

  constructor(most: () => number) {
    this.#most = most
  }

  take(bytes: number): boolean {
    if (this.#taken + bytes > this.#most()) return false
    this.#taken += bytes
    return true
  }

  giveBack(bytes: number): void {
    this.#taken -= bytes
  }
}

export interface BodyLimits {
  readonly maxBytes: number
  /** From now to the last byte. */
  readonly withinMs: number
  readonly budget: BodyBudget
}

/** The whole body of a request; throws a `TowpathError` where there is none to be had. What is too large is not read to its end. */
export function readBody(stream: ServerHttp2Stream, declared: number, { maxBytes, withinMs, budget }: BodyLimits): Promise<Uint8Array> {
  if (declared > maxBytes) return Promise.reject(new BodyTooLarge(maxBytes))
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let length = 0
    const end = (error?: Error): void => {
      clearTimeout(late)
      budget.giveBack(length)
      stream.off('data', take).off('end', finish).off('close', gone)
      if (error) {
        stream.pause()
        reject(error)
      } else {
        resolve(Buffer.concat(parts))
      }
    }
    const finish = (): void => end()
    const gone = (): void => end(new TowpathError({ code: 'invalid', text: 'The request ended before its body did', fix: 'Send it again' }))
    const take = (part: Buffer): void => {
      if (length + part.length > maxBytes) return end(new BodyTooLarge(maxBytes))
      if (!budget.take(part.length)) {
        return end(new TowpathError({ code: 'rate-limited', text: 'Too much is being sent at once on this connection', fix: 'Send it again later' }))
      }
      length += part.length
      parts.push(part)
    }
    const late = setTimeout(() => {
      end(new TowpathError({ code: 'invalid', text: `The request's body took more than ${withinMs / 1000} s`, fix: 'Send it again' }))
    }, withinMs)
    if (stream.destroyed) return gone()
    stream.on('data', take).on('end', finish).on('close', gone)
  })
}
