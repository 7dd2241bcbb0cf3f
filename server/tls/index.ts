export { openTls } from './open.ts'
export { joinUrl, judgeLoginUrl, type Judgement, type JoinUrl } from './reconnect.ts'
export type { Tls } from './types.ts'
