import { z } from 'zod'
import { toHex } from '../../../lib/bytes.ts'
import { decodeGeneve, decodeGeneveLenient, encodeGeneve } from '../../../protocol/geneve/index.ts'
import { attempt, bytes, holds, plain, same, type Case } from '../case.ts'

const fields = { vni: z.number(), control: z.boolean(), protocol: z.number(), version: z.number() }
const schema = z.object({
  encode: z.array(z.object({ ...fields, header: z.string() })),
  decodeLenient: z.array(z.object({ ...fields, bytes: z.string(), note: z.string() })),
  decodeErrors: z.array(z.object({ bytes: z.string() })),
  encodeErrors: z.array(z.object({ case: z.string(), header: z.string().optional() })),
})

export function geneveCases(file: unknown): Case[] {
  const { encode, decodeLenient, decodeErrors, encodeErrors } = schema.parse(file)
  return [
    ...encode.map(({ header, ...wanted }) => attempt(`encode ${header}`, () => same(`encode ${header}`, toHex(encodeGeneve(wanted)), header))),
    ...encode.map(({ header, ...wanted }) => attempt(`decode ${header}`, () => same(`decode ${header}`, read(header), plain(wanted)))),
    ...decodeLenient.map(({ bytes: input, note, ...wanted }) => attempt(`decode: ${note}`, () => same(`decode: ${note}`, read(input), plain(wanted)))),
    ...decodeErrors.map(({ bytes: input }) => attempt(`refuse ${input}`, () => holds(`refuse "${input}"`, !decodeGeneve(bytes(input)).ok, 'it was read'))),
    // The others name arguments that our encoder does not have: an unset VNI, a buffer, a version.
    ...encodeErrors.flatMap(({ case: name, header }) => header === undefined ? [] : [
      attempt(name, () => same(name, toHex(encodeGeneve({ vni: 2 ** 24 + 5, control: false, protocol: 0x7a12 })), header)),
    ]),
  ]
}

function read(input: string): string {
  const header = decodeGeneveLenient(bytes(input))
  if (!header.ok) return header.reason
  const { vni, control, protocol, version } = header.value
  return plain(sorted({ vni, control, protocol, version }))
}

function sorted({ vni, control, protocol, version }: { vni: number; control: boolean; protocol: number; version: number }) {
  return { vni, control, protocol, version }
}
