export type { CertificateFiles } from './certificate-store.ts'
export { defaultDerpLimits, type DerpLimits } from './limits.ts'
export type { PairTraffic } from './pairs.ts'
export { createDerpServer, type DerpServer, type DerpServerOptions, type DerpServerStats } from './server.ts'
