export type { PathKind } from './path.ts'
export { PeerMachine, type CurrentPath, type KnownNode, type PeerCommand } from './peer.ts'
export { trafficHeaderBytes } from './traffic.ts'
export { createTrafficEnd, type TrafficEnd, type TrafficStats } from './traffic-end.ts'
