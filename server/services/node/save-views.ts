import type { ServiceContext } from '../context.ts'

export interface SentView {
  readonly nodeId: number
  readonly revision: number
  readonly digest: string
}

/** Keeps what nodes were sent, all in one statement, so that an unchanged view is not sent again after a restart. */
export async function saveViews({ db }: Pick<ServiceContext, 'db'>, sent: readonly SentView[]): Promise<void> {
  if (sent.length === 0) return
  await db.$executeRaw`
    UPDATE "Node" AS n SET "viewRevision" = sent.revision, "viewDigest" = sent.digest
    FROM unnest(${sent.map(({ nodeId }) => nodeId)}::int[], ${sent.map(({ revision }) => revision)}::int[], ${sent.map(({ digest }) => digest)}::text[])
      AS sent (id, revision, digest)
    WHERE n.id = sent.id`
}
