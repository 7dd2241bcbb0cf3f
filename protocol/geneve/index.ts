export * from './constants.ts'
export * from './header.ts'
export * from './read.ts'
