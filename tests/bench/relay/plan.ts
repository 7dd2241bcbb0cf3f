/** Where everybody is in this bench. The load generator numbers its VNIs from 1000 and its ports from 5000. */
export const firstVni = 1000
export const firstClientPort = 5000
export const pairs = 8
export const agentPort = 40_000
export const barePort = 40_001
export const sizes = [72, 1308] as const
