export * from './http.ts'
export * from './metrics-text.ts'
export * from './reporter.ts'
