import { setFlagsFromString } from 'node:v8'

/**
 * Garbage is collected once the heap is twice what was in use, not four times: what a thousand clients are told when all join at once is garbage a second
 * later, and the process would take half a gigabyte for it. Costs no CPU time to speak of. An engine without the setting goes on without it.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=100')
}
