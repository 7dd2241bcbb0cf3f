import type { Exchange } from '../transport/types.ts'

export interface Answered {
  readonly status: number
  readonly body: unknown
}

/** An exchange of a client as the transport gives it, and what it was answered. */
export function exchangeOf(path: string, body: string, { machineKey = 'mkey:1', method = 'POST' } = {}): { readonly exchange: Exchange; readonly answers: Answered[] } {
  const answers: Answered[] = []
  const bytes = new TextEncoder().encode(body)
  return {
    answers,
    exchange: {
      caller: { machineKey, capVersion: 142, ip: '192.0.2.9', connectionId: 1 },
      method, path, query: new URLSearchParams(), headers: {}, signal: new AbortController().signal,
      body: (maxBytes) => (bytes.length > maxBytes ? Promise.reject(new Error('too large')) : Promise.resolve(bytes)),
      registered: () => {},
      answer: (status, answer) => void answers.push({ status, body: answer }),
      stream: () => { throw new Error('nothing is streamed here') },
    },
  }
}
