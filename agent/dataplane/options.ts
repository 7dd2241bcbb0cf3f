/** As `--data-plane` takes them; imports nothing, as command lines are read before there is a plane. */
export const dataPlaneNames = ['auto', 'batched', 'dgram'] as const
export type DataPlaneName = (typeof dataPlaneNames)[number]

/** The most that `--workers` takes. */
export const maxWorkers = 64
