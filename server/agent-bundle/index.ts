export { createAgentDownloads, type AgentDownloads, type AgentDownloadsOptions } from './downloads.ts'
