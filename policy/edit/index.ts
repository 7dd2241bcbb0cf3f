export { applyEdit, type Definitions, type ListName, type PolicyEdit } from './edit.ts'
export { definitionsOf, entriesOf, type WrittenDefinition, type WrittenEntry } from './read.ts'
