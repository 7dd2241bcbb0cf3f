export type { DerpRegion, NetNode, Network, NodeView, PeerView, SessionPeer } from './model.ts'
export { sessionStands, type SessionVerdict } from './session.ts'
export { isValid, viewFor } from './view.ts'
