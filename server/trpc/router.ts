import { activityRouter } from './routers/activity.ts'
import { apiTokenRouter } from './routers/api-token.ts'
import { authKeyRouter } from './routers/auth-key.ts'
import { derpRouter } from './routers/derp.ts'
import { dnsRouter } from './routers/dns.ts'
import { doorRouter } from './routers/door.ts'
import { liveRouter } from './routers/live.ts'
import { loginRouter } from './routers/login.ts'
import { machineRouter } from './routers/machine.ts'
import { meRouter } from './routers/me.ts'
import { overviewRouter } from './routers/overview.ts'
import { personRouter } from './routers/person.ts'
import { policyRouter } from './routers/policy.ts'
import { relayRouter } from './routers/relay.ts'
import { sessionRouter } from './routers/session.ts'
import { settingRouter } from './routers/setting.ts'
import { createCallerFactory, router } from './trpc.ts'

/** All that pages and tools can ask and do. Procedures parse, call a verb or a query, and nothing else. */
export const appRouter = router({
  me: meRouter,
  door: doorRouter,
  overview: overviewRouter,
  relay: relayRouter,
  session: sessionRouter,
  machine: machineRouter,
  login: loginRouter,
  policy: policyRouter,
  activity: activityRouter,
  authKey: authKeyRouter,
  apiToken: apiTokenRouter,
  person: personRouter,
  setting: settingRouter,
  dns: dnsRouter,
  derp: derpRouter,
  live: liveRouter,
})
export type AppRouter = typeof appRouter

/**
 * What a socket serves, under the same names. Who asks is looked up once for a socket, which may outlive a role, a person
 * or a token by days: verbs are for requests, each of which is asked anew.
 */
export const socketRouter = router({ live: liveRouter })

export const createCaller = createCallerFactory(appRouter)
export type Caller = ReturnType<typeof createCaller>
