export * from './advertise.ts'
export * from './interfaces.ts'
export * from './stun.ts'
