import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { ChannelMachine, type Prove } from '../../agent/channel/machine.ts'
import { fromHex } from '../../lib/bytes.ts'
import { admission } from '../../server/channel/testing.ts'
import { ConnectionMachine } from '../../server/channel/machine.ts'
import { verifyMachineKey } from '../../server/channel/verify.ts'
import { parseFromNode, parseToNode } from './codec.ts'

/** What was said in one conversation of a released version: kept as it was, so that nodes of that version stay understood. */
const transcriptSchema = z.object({
  version: z.number(),
  at: z.number(),
  frames: z.array(z.object({ from: z.enum(['node', 'control']), message: z.looseObject({ type: z.string() }) })),
})

const folder = new URL('transcripts/', import.meta.url)
const transcripts = readdirSync(folder).map((name) => transcriptSchema.parse(JSON.parse(readFileSync(new URL(name, folder), 'utf8'))))

test.each(transcripts)('version $version: every frame is read, with all that it says', ({ frames }) => {
  for (const { from, message } of frames) {
    const parsed = (from === 'node' ? parseFromNode : parseToNode)(JSON.stringify(message))
    expect(parsed).toEqual({ ok: true, value: message })
  }
  const types = new Set(frames.map(({ from, message }) => `${from} ${message.type}`))
  expect([...types].sort()).toEqual(['control ack', 'control challenge', 'control refused', 'control view', 'control watch', 'control welcome',
    'node applied', 'node hello', 'node leave', 'node prove', 'node report', 'node status'])
})

test.each(transcripts)('version $version: the control plane of today takes what the node said, its signature included', ({ at, frames }) => {
  const nonce = z.string().parse(frames.find(({ message }) => message.type === 'challenge')?.message['nonce'])
  const machine = new ConnectionMachine({ random: () => fromHex(nonce) ?? new Uint8Array(0), verify: verifyMachineKey, now: at })
  const done = frames.filter(({ from }) => from === 'node').flatMap(({ message }) => {
    const commands = machine.frame(JSON.stringify(message), at)
    if (message.type === 'prove') machine.admitted(admission)
    return commands.map(({ type }) => type)
  })
  expect(done).toEqual(['send', 'admit', 'applied', 'status', 'report', 'leave'])
})

test.each(transcripts)('version $version: the agent of today takes what the control plane said', ({ at, frames }) => {
  const said = frames.find(({ message }) => message.type === 'prove')?.message
  const parsed = parseFromNode(JSON.stringify(said))
  if (!parsed.ok || parsed.value.type !== 'prove') throw new Error('the transcript has no proof')
  const prove: Prove = parsed.value
  const machine = new ChannelMachine({ machineKey: '', prove: () => prove }, 0, (length) => new Uint8Array(length))
  machine.tick(at)
  machine.opened()
  const done = frames.filter(({ from }) => from === 'control').flatMap(({ message }) => machine.frame(JSON.stringify(message), at).map(({ type }) => type))
  expect(done).toEqual(['skew', 'send', 'welcome', 'watch', 'view', 'watch', 'refused', 'close'])
})
