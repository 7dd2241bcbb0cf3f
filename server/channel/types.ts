import type { ChannelView, FromNode, Report } from '../../protocol/channel/index.ts'
import type { ReportArrival } from '../metrics/index.ts'
import type { Admission, Claim } from '../services/node/admit.ts'
import type { SentView } from '../services/node/save-views.ts'

export type { Admission, Claim, ReportArrival, SentView }
export type Prove = Extract<FromNode, { type: 'prove' }>
export type Status = Extract<FromNode, { type: 'status' }>

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
