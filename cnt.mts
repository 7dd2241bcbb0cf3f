import { createSlots } from './agent/dataplane/batched/slots.ts'
import { maxSlots, countersPerSlot } from './agent/dataplane/batched/shared.ts'
const s = createSlots([new Float64Array(maxSlots*countersPerSlot)])
for (let v=1; v<=10000; v++) for (const leg of [0,1] as const) s.apply({type:'bindForward',vni:v,leg,addr:{ip:'10.1.2.3',port:v}})
for (let i=0;i<20;i++) s.readActivity()
const c0=process.cpuUsage(); const n=200
for (let i=0;i<n;i++) s.readActivity()
let c=process.cpuUsage(c0); console.log('activity ms', (c.user+c.system)/1000/n)
const c1=process.cpuUsage(); for (let i=0;i<n;i++) s.readCounters(); c=process.cpuUsage(c1); console.log('counters ms', (c.user+c.system)/1000/n)
