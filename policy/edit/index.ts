export { applyEdit, type Definitions, type ListName, type PolicyEdit } from './edit.ts'
export { definitionsOf, entriesOf, memberAt, type WrittenDefinition, type WrittenEntry } from './read.ts'
export { rewriteAcls } from './rewrite.ts'
