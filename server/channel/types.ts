import type { ChannelView, FromNode, Report } from '../../protocol/channel/index.ts'

export type Prove = Extract<FromNode, { type: 'prove' }>
export type Status = Extract<FromNode, { type: 'status' }>

/** Who says it is who, its machine key proven by signature. Keys in canonical text. */
export interface Claim {
  readonly machineKey: string
  readonly prove: Prove
  readonly ip: string
}

/** A node that may stay connected, and the view that it was last sent. */
export interface Admission {
  readonly id: number
  readonly stableId: string
  readonly name: string
  /** IPv4 first. */
  readonly addresses: readonly string[]
  readonly viewRevision: number
  readonly viewDigest: string
}

export interface SentView {
  readonly nodeId: number
  readonly revision: number
  readonly digest: string
}

/** What the hub needs of the services: each a verb or a question to the live network. */
export interface ChannelServices {
  /** Knows the node again, or enrols it. Throws a `TowpathError` that says why not. */
  admit(claim: Claim): Promise<Admission>
  status(nodeId: number, status: Status): Promise<void>
  applied(nodeId: number, revision: number): Promise<void>
  /** For good: an ephemeral node is removed. */
  leave(nodeId: number): Promise<void>
  /** Undefined: no such node, or not loaded yet (then `views.changed` follows). */
  view(nodeId: number): ChannelView | undefined
  /** Keeps what was sent, so that an unchanged view is not sent again after a restart. */
  saveViews(sent: readonly SentView[]): Promise<void>
}

export interface ReportArrival {
  /** The control plane's clock. */
  readonly arrivedAt: number
  /** The control plane's clock minus the node's; undefined: unknown. */
  readonly skewMs: number | undefined
}

/** What the hub needs of the metrics. */
export interface ChannelMetrics {
  /** Resolves once the report is in the database (or was taken before). Rejects when it cannot be taken now. */
  ingest(nodeId: number, report: Report, arrival: ReportArrival): Promise<void>
  /** Whether somebody looks at this node's figures. */
  watched(nodeId: number): boolean
  /** Told when `watched` may have changed, of any node. */
  onWatch(listener: () => void): () => void
}

/** A pino logger fits. */
export interface ChannelLog {
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
  error(fields: object, text: string): void
}
