'use client'
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { DerpPair, LiveSample } from '../../server/trpc/types.ts'
import { useTRPC } from '../live/trpc.ts'
import { withDerpSample } from './derp-model.ts'

/** Pairs on DERP with why, asked for each `everyMs` and when a new one is heard of; their rates are of the page's newest second. */
export function useDerpPairs(initialData: DerpPair[], everyMs: number, sample: LiveSample | null) {
  const trpc = useTRPC()
  const { data, error, refetch } = useQuery({ ...trpc.session.derpPairs.queryOptions(), initialData, refetchInterval: everyMs })
  const { pairs, lacks } = withDerpSample(data, sample)
  useEffect(() => {
    if (lacks) void refetch({ cancelRefetch: false })
  }, [lacks, sample, refetch])
  return { pairs, error, refetch }
}
