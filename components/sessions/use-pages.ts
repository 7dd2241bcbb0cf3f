'use client'
import { useInfiniteQuery } from '@tanstack/react-query'
import type { SessionRow } from '../../server/trpc/types.ts'
import { useTRPC } from '../live/trpc.ts'

export interface SessionPage { readonly rows: SessionRow[]; readonly next: string | null; readonly total: number }

/** Sessions page by page, filtered by the server; `first` is what the server rendered with. */
export function useSessionPages(state: 'live' | 'ended', text: string, { enabled = true, first }: { readonly enabled?: boolean; readonly first?: SessionPage | undefined }) {
  const trpc = useTRPC()
  const query = useInfiniteQuery({
    ...trpc.session.list.infiniteQueryOptions({ state, limit: 50, ...(text ? { text } : {}) }, { getNextPageParam: ({ next }) => next ?? undefined }),
    enabled,
    placeholderData: (before) => before,
    ...(first ? { initialData: { pages: [first], pageParams: [null] } } : {}),
  })
  const pages = query.data?.pages
  return { ...query, rows: pages?.flatMap(({ rows }) => rows), total: pages?.[0]?.total }
}
