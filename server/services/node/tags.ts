import { TowpathError } from '../../errors/index.ts'
import type { ServiceContext } from '../context.ts'

/**
 * The tags, each once and sorted, if the policy knows them. The network's owner and admins may give
 * any (as the policy language says), and nobody else has the scope to get here. Throws `invalid` with the field.
 */
export function assertTags({ policy }: Pick<ServiceContext['network'], 'policy'>, tags: readonly string[]): string[] {
  const known = policy().tagOwners
  for (const [i, tag] of tags.entries()) {
    if (known.has(tag)) continue
    throw new TowpathError({
      code: 'invalid',
      text: tag.startsWith('tag:') ? `The policy does not know ${tag}` : `"${tag}" is no tag`,
      fix: tag.startsWith('tag:') ? 'Add it to "tagOwners" in Access first' : `Write it as tag:${tag.replaceAll(/[^a-zA-Z0-9_.-]/g, '') || 'relay'}`,
      path: `tags.${i}`,
    })
  }
  return [...new Set(tags)].sort()
}
