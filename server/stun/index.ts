export { createStunServer, type StunServer, type StunServerOptions, type StunStats } from './server.ts'
