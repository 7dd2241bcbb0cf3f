import { expect, test, vi } from 'vitest'
import type { Connection } from './connection.ts'
import { testLog, testView } from './testing.ts'
import type { SentView } from './types.ts'
import { ViewPusher } from './views.ts'

test('at its end nothing is being saved any more, and what was sent meanwhile is saved too', async () => {
  const saves: { readonly rows: readonly SentView[]; readonly done: () => void }[] = []
  // What the pusher asks of a connection.
  const connection = { isOpen: true, bufferedBytes: 0, nodeRevision: 0, sendText: () => {} } as unknown as Connection
  let relays: number[] = []
  const views = new ViewPusher({
    services: {
      view: () => testView(1, relays),
      saveViews: (rows) => new Promise((resolve) => { saves.push({ rows, done: resolve }) }),
    },
    connection: () => connection, log: testLog(),
  })
  views.connected(1, 0, '')
  await vi.waitFor(() => expect(saves).toHaveLength(1))
  relays = [2]
  views.changed([1], 'moved')
  await vi.waitFor(() => expect(connection.nodeRevision).toBe(2))
  let isDisposed = false
  const disposed = views.dispose().then(() => { isDisposed = true })
  saves[0]?.done()
  await vi.waitFor(() => expect(saves).toHaveLength(2))
  expect([isDisposed, saves.map(({ rows }) => rows.map(({ revision }) => revision))]).toEqual([false, [[1], [2]]])
  saves[1]?.done()
  await disposed
})
