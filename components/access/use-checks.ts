'use client'
import { useQuery } from '@tanstack/react-query'
import { useDeferredValue, useMemo, useState } from 'react'
import { useRested } from '../activity/use-rested.ts'
import type { PolicyCheck } from '../../server/trpc/types.ts'
import { useTRPCClient } from '../live/trpc.ts'
import { checkText, mergeProblems, testProblems, type EditorProblem, type LocalCheck } from './model/check.ts'
import type { Endings } from './model/saving.ts'

/** How long typing must rest before the control plane is asked. */
const restMs = 400
/** Up to this many characters a text is checked on every key press. A longer one waits until typing rests: checking it takes longer than a key press may. */
const maxAtOnce = 20_000
const longRestMs = 150

export type Checks = {
  /** The text that the browser's own check is of: the document as it stands, or a moment ago. */
  readonly text: string
  /** Tests that fail are among them, and are no errors of the text. */
  readonly problems: readonly EditorProblem[]
  readonly errors: number
  /** What the text gives; while it has errors, what it gave before them. */
  readonly grants: LocalCheck
  /** Whether `grants` is of the text as it stands. */
  readonly fresh: boolean
  /** Running sessions that saving would end; undefined: not yet known, or not while it has errors. */
  readonly endings: Endings | undefined
  /** The control plane's answer to the text as it stands; undefined: not yet, or not while it has errors. */
  readonly answer: PolicyCheck | undefined
  /** Why the control plane could not say. */
  readonly error: unknown
}

/** Checks a text: at once in the browser, and with what the control plane alone knows once typing rests. */
export function useChecks(text: string, changed: boolean): Checks {
  const client = useTRPCClient()
  const paused = useRested(text, longRestMs)
  const shown = useDeferredValue(text.length > maxAtOnce ? paused : text)
  const local = useMemo(() => checkText(shown), [shown])
  const [lastGood, setLastGood] = useState(local)
  if (local.policy !== undefined && local !== lastGood) setLastGood(local)

  const rested = useRested(text, restMs)
  const remote = useQuery({
    queryKey: ['policy-check', rested],
    queryFn: ({ signal }) => client.policy.check.mutate({ text: rested }, { signal }),
    // Sessions come and go: what saving ends is asked again now and then.
    refetchInterval: changed ? 10_000 : false,
    gcTime: 30_000,
  })
  const answer = rested === text ? remote.data : undefined
  const problems = useMemo(() => mergeProblems(local.problems, [...answer?.problems ?? [], ...testProblems(answer?.tests)]), [local, answer])
  const errors = problems.filter(({ severity, isTest }) => severity === 'error' && isTest === undefined).length
  return {
    text: shown,
    problems,
    errors,
    grants: local.policy === undefined ? lastGood : local,
    fresh: local.policy !== undefined,
    endings: errors > 0 || answer === undefined ? undefined : { ends: answer.ends, total: answer.totalEnds },
    answer: errors > 0 ? undefined : answer,
    error: changed ? remote.error : null,
  }
}
