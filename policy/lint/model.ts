import type { CompiledGrant, CompiledPolicy } from '../compile.ts'
import type { Grant, Policy, PolicyNode } from '../model.ts'
import type { Fix, Place, Span } from '../problem.ts'
import type { Node } from '../syntax.ts'

/** Which lint found it, for tools that filter. */
export type LintCode =
  | 'duplicate' | 'exit-approver' | 'idle-people' | 'no-machine' | 'old-client' | 'one-family' | 'relay-not-granted' | 'not-a-relay' | 'reversed'
  | 'shadowed' | 'stock-relay-limits' | 'tag-undefined' | 'tag-unowned' | 'unknown-person' | 'unused-relay' | 'via-nothing' | 'wildcard-source'

/** A warning, with a replacement that makes it good (`fix`) or, where none can be written, what to do (`advice`). */
export type LintProblem = Place & {
  readonly severity: 'warning'
  readonly code: LintCode
  readonly message: string
  readonly fix?: Fix
  readonly advice?: string
}

/** A machine as lint sees it. */
export type LintNode = PolicyNode & {
  /** What speaks for it; only stock clients can be too old. */
  readonly kind?: 'agent' | 'client' | 'simulated'
  /** Version of the wire that it speaks; 0 or absent: not known. */
  readonly capVersion?: number
  /** It is set up as a relay, whether it is up now or not. */
  readonly isRelay?: boolean
}

export type LintNetwork = {
  readonly nodes: readonly LintNode[]
  /** E-mails of everybody with an account; absent: not known, and nothing is said of people who are not there. */
  readonly people?: readonly string[]
  /** By relay: the machines whose sessions it carried lately. Absent: not known. Bounded by relays × nodes. */
  readonly relayUsers?: ReadonlyMap<number, readonly number[]>
}

/** A grant as written and as compiled. `isOneOfMany`: of an acl with other destinations. */
export type LintGrant = { readonly written: Grant; readonly compiled: CompiledGrant; readonly isOneOfMany: boolean }

/** Over the network's nodes, in their order: 1 where one is selected. */
export type NodeBits = Uint8Array

/** What every lint reads, looked up once. */
export type LintContext = {
  readonly text: string
  /** The text's syntax, read when it is first asked for. */
  readonly tree: () => Node | undefined
  readonly policy: Policy
  readonly compiled: CompiledPolicy
  readonly network: LintNetwork
  /** Empty where the document allows everything by saying nothing. */
  readonly grants: readonly LintGrant[]
  /** The nodes of which a selector, by its number, selects an address. */
  readonly bits: (selector: number) => NodeBits
  /** Whether a selector selects something behind a node: a route, an exit node. */
  readonly isBehind: (selector: number) => boolean
  /** E-mails in lower case; undefined: not known. */
  readonly people: ReadonlySet<string> | undefined
}

export type LintFinding = {
  readonly span: Span
  readonly message: string
  readonly fix?: Fix
  readonly advice?: string
}

export type Lint = { readonly code: LintCode; readonly find: (context: LintContext) => readonly LintFinding[] }
