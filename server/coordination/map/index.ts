export { createMapStreams, type MapCounts, type MapStreams, type MapStreamsOptions } from './streams.ts'
