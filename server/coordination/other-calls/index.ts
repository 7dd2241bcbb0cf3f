export { otherCalls, type OtherCalls, type OtherCallsDeps } from './other-calls.ts'
