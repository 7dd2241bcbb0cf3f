import { setFlagsFromString } from 'node:v8'

/**
 * An agent's heap is small, and it runs beside other things, among them its own forwarding threads at full load. Imported
 * before all else, as it holds for what comes after it. The batched plane allocates nothing per packet, so it is no slower.
 */
const flags = [
  // The heap stays near what is in use instead of growing to twice that: most of what an agent ever allocates is gone after its start.
  '--optimize-for-size',
  // A pause does by itself the little that there is: helpers on a busy core are waited for longer than they help.
  '--no-parallel-scavenge', '--no-parallel-pointer-update', '--no-concurrent-sweeping', '--no-concurrent-array-buffer-sweeping',
  // Moving old objects together is the longest part of a pause, for a few percent of so small a heap.
  '--no-compact',
]
for (const flag of flags) setFlagsFromString(flag)
