const tagName = /^tag:[a-zA-Z][a-zA-Z0-9_.-]*$/

/** What was typed as a tag: with `tag:` in front. */
export function normaliseTag(typed: string): string {
  const text = typed.trim()
  return text === '' || text.startsWith('tag:') ? text : `tag:${text}`
}

/** Why this tag cannot be given; undefined: it can. `known` are the tags that have owners in the policy. */
export function tagProblem(tag: string, known: readonly string[]): string | undefined {
  if (!tagName.test(tag)) return 'After "tag:" comes a letter, then letters, digits, "-", "_" or ".".'
  if (!known.includes(tag)) return `${tag} has no owners in the policy: add it to "tagOwners" first.`
  return undefined
}

/** Known tags that fit what was typed and are not given yet: those that begin with it first. */
export function completions(typed: string, known: readonly string[], given: readonly string[]): string[] {
  const text = typed.trim().toLowerCase().replace(/^tag:/, '')
  const free = known.filter((tag) => !given.includes(tag))
  const name = (tag: string): string => tag.slice('tag:'.length).toLowerCase()
  return [...free.filter((tag) => name(tag).startsWith(text)), ...free.filter((tag) => !name(tag).startsWith(text) && name(tag).includes(text))]
}

export function sameTags(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((tag) => b.includes(tag))
}
