import next from 'next'
import type { HttpHandler } from '../auth/index.ts'

export interface Pages {
  readonly handler: HttpHandler
  close(): Promise<void>
}

/** The dashboard's pages, as `next build` left them in `root`. */
export async function openPages(root: string, port: number): Promise<Pages> {
  const app = next({ dev: false, dir: root, hostname: 'localhost', port })
  await app.prepare()
  const handle = app.getRequestHandler()
  return { handler: (request, response) => handle(request, response), close: () => app.close() }
}
