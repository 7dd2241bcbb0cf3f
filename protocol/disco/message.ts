import { fail } from '../../lib/result.ts'
import { allocateRequestType, decodeAllocateRequest, encodeAllocateRequest, type AllocateRequest } from './allocate-request.ts'
import { allocateResponseType, decodeAllocateResponse, encodeAllocateResponse, type AllocateResponse } from './allocate-response.ts'
import { bindAnswerType, decodeBindAnswer, encodeBindAnswer, type BindAnswer } from './bind-answer.ts'
import { bindChallengeType, decodeBindChallenge, encodeBindChallenge, type BindChallenge } from './bind-challenge.ts'
import { bindType, decodeBind, encodeBind, type Bind } from './bind.ts'
import { callMeMaybeViaType, decodeCallMeMaybeVia, encodeCallMeMaybeVia, type CallMeMaybeVia } from './call-me-maybe-via.ts'
import { callMeMaybeType, decodeCallMeMaybe, encodeCallMeMaybe, type CallMeMaybe } from './call-me-maybe.ts'
import { decodePing, encodePing, pingType, type Ping } from './ping.ts'
import { decodePong, encodePong, pongType, type Pong } from './pong.ts'
import { innerHeaderBytes, type DiscoResult } from './wire.ts'

export type DiscoMessage =
  | Ping | Pong | CallMeMaybe | Bind | BindChallenge | BindAnswer | CallMeMaybeVia | AllocateRequest | AllocateResponse

/** Reads an inner (opened) message: `type(1) version(1) payload`. Versions are looked at only where stock clients do. */
export function decodeDisco(bytes: Uint8Array): DiscoResult<DiscoMessage> {
  if (bytes.length < innerHeaderBytes) return fail('short')
  const version = bytes[1] ?? 0
  const payload = bytes.subarray(innerHeaderBytes)
  switch (bytes[0]) {
    case pingType: return decodePing(payload)
    case pongType: return decodePong(payload)
    case callMeMaybeType: return decodeCallMeMaybe(payload, version)
    case bindType: return decodeBind(payload)
    case bindChallengeType: return decodeBindChallenge(payload)
    case bindAnswerType: return decodeBindAnswer(payload)
    case callMeMaybeViaType: return decodeCallMeMaybeVia(payload, version)
    case allocateRequestType: return decodeAllocateRequest(payload, version)
    case allocateResponseType: return decodeAllocateResponse(payload, version)
    default: return fail('unknown-type')
  }
}

/** The inner form of a message, version 0. */
export function encodeDisco(message: DiscoMessage): Uint8Array {
  switch (message.type) {
    case 'ping': return encodePing(message)
    case 'pong': return encodePong(message)
    case 'call-me-maybe': return encodeCallMeMaybe(message)
    case 'bind': return encodeBind(message)
    case 'bind-challenge': return encodeBindChallenge(message)
    case 'bind-answer': return encodeBindAnswer(message)
    case 'call-me-maybe-via': return encodeCallMeMaybeVia(message)
    case 'allocate-request': return encodeAllocateRequest(message)
    case 'allocate-response': return encodeAllocateResponse(message)
  }
}
