// derp HOST FOLDER DERP-PORT STUN-PORT: a DERP server of somebody's own that lets everybody in; prints its pin once it listens.
import { createDerpServer } from '../../../../server/derp/index.ts'
import { createStunServer } from '../../../../server/stun/index.ts'

const [host = '', dataFolder = '', derpPort, stunPort] = process.argv.slice(2)
await createStunServer({ port: Number(stunPort) })
const { pins } = await createDerpServer({ dataFolder, port: Number(derpPort), hosts: [host], mayConnect: () => true })
console.log(`pin ${pins[0]}`)
