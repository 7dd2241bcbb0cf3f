import type { IncomingMessage } from 'node:http'
import type { ServiceContext } from '../services/context.ts'
import { registerClient } from '../services/node/register.ts'
import { createMapStreams, type MapStreams } from './map/index.ts'
import { otherCalls } from './other-calls/index.ts'
import { createQuestions, type QuestionDesk } from './questions/index.ts'
import { registerHandler } from './register/index.ts'
import { createTransport, openNoiseKey, type ExchangeHandler, type Transport, type TransportLog } from './transport/index.ts'

export interface CoordinationOptions {
  /** Without its questions, which are asked through what is made here. */
  readonly services: Omit<ServiceContext, 'questions'>
  /** Where the Noise key lies. */
  readonly dataFolder: string
  readonly log: TransportLog
  readonly clientIp: (request: IncomingMessage) => string
}

/** What stock clients speak to. */
export interface Coordination {
  readonly transport: Transport
  readonly streams: MapStreams
  readonly questions: QuestionDesk
  dispose(): Promise<void>
}

/** Everything behind the Noise connection, and the connection itself. Throws StartError when its key is damaged. */
export function createCoordination({ services, dataFolder, log, clientIp }: CoordinationOptions): Coordination {
  const { bus, clock, random, network } = services
  const streams = createMapStreams({ services, log })
  const questions = createQuestions({
    tell: (nodeId, message) => streams.tell(nodeId, message), machineKeyOf: (nodeId) => network.node(nodeId)?.facts.machineKey, clock, random, log,
  })
  const register = registerHandler({ register: (caller, request) => registerClient(services, caller, request), bus, clock, log })
  // No object: a client may ask for what every object has.
  const posts: ReadonlyMap<string, ExchangeHandler> = new Map([['/machine/register', register], ['/machine/map', streams.handler]])
  const others = otherCalls({ services })
  const transport = createTransport({
    noiseKey: openNoiseKey(dataFolder, random), random, clock, log, clientIp,
    route: (path, method) => (/^\/(?:c2n|ping)\//.test(path) ? questions.handler : (method === 'POST' ? posts.get(path) : undefined) ?? others(path, method)),
  })
  const stop = bus.subscribe('node.removed', ({ nodeId }) => streams.remove(nodeId))
  return {
    transport, streams, questions,
    async dispose() {
      stop()
      streams.drain()
      await transport.dispose()
      streams.dispose()
      register.dispose()
      questions.dispose()
    },
  }
}
