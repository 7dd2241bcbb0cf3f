import type { PingResponse } from '../../protocol/tailcfg/index.ts'

/** How a client is asked to try a path: `disco` alone says which path it has. */
export type PingType = 'disco' | 'TSMP' | 'ICMP' | 'peerapi'

export interface C2nRequest {
  readonly method: 'GET' | 'POST' | 'PATCH'
  /** With its query. */
  readonly path: string
  /** JSON, as text. */
  readonly body?: string
  /** Until it counts as not answered; at most 90 s. */
  readonly timeoutMs?: number
}

export interface C2nAnswer {
  readonly status: number
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

/**
 * Questions that stock clients answer (spec/coordination.md §7); server/coordination/questions fits. Both throw `unavailable`
 * for a client that is not connected, and `rate-limited`.
 */
export interface Questions {
  /** Whether and how the client reaches `ip`. A client says nothing of a ping that fails: then, after 12 s, `no answer`. */
  ping(nodeId: number, ask: { readonly types: PingType; readonly ip: string }): Promise<PingResponse | 'no answer'>
  /** An HTTP request that the client itself answers. Throws `unavailable` too when no answer comes or it cannot be read. */
  c2n(nodeId: number, request: C2nRequest): Promise<C2nAnswer>
}
