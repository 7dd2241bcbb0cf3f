export interface ReadyFacts {
  readonly url: string
  readonly ownerLink: string | undefined
  readonly data: string
  /** Undefined: the embedded one, in the data folder. */
  readonly database: string | undefined
  readonly warnings: readonly string[]
}

/** The closing block of a start. */
export function readyBlock({ url, ownerLink, data, database, warnings }: ReadyFacts): string {
  const rows: (readonly [string, string])[] = [['Dashboard', url]]
  if (ownerLink) rows.push(['First owner', `${ownerLink}  (works once)`])
  rows.push(['Data', database ? `${data}, database ${database}` : data], ['Logs', `${data}/logs`])
  return ['', 'Ready', ...rows.map(([name, value]) => `  ${name.padEnd(12)}${value}`), ...warnings.map((text) => `  Note: ${text}`), ''].join('\n')
}
