import type { Report } from '../../protocol/channel/index.ts'
import type { ReportArrival } from '../metrics/index.ts'
import type { ServiceContext } from '../services/context.ts'

export type StockServices = Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'random' | 'network' | 'questions'>

export interface StockRelaysOptions {
  readonly services: StockServices
  /** The metrics fit. */
  readonly metrics: {
    ingest(nodeId: number, report: Report, arrival: ReportArrival): Promise<void>
    readonly live: { watched(relayId: number): boolean }
  }
  readonly log: { warn(fields: object, text: string): void; error(fields: object, text: string): void }
}
