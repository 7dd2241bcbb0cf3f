export { createChannelHub, type ChannelCounts, type ChannelHub, type ChannelHubOptions } from './hub.ts'
export type { Admission, ChannelLog, ChannelMetrics, ChannelServices, Claim, ReportArrival, SentView, Status } from './types.ts'
export { channelView } from './view.ts'
export { channelServices } from './services.ts'
