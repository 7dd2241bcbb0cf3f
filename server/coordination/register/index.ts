export { registerHandler, type RegisterDeps } from './handler.ts'
export { defaultRegisterLimits, type RegisterLimits } from './limits.ts'
