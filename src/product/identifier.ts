import { OnboardError } from '../errors.ts'

/** Quotes one SQL identifier: `order` → `"order"`. Refuses what PostgreSQL cannot name. */
function identifier(name: string): string {
  if (name === '' || name.includes('\0') || Buffer.byteLength(name) > 63) {
    throw new OnboardError(
      'invalid',
      'identifier',
      `${JSON.stringify(name)} cannot be the name of a table or column: 1 to 63 bytes`,
    )
  }
  return `"${name.replaceAll('"', '""')}"`
}

/**
 * `crm.organizations` or `"My.Table"` → its quoted parts, schema first where one is given. Names are taken as they are
 * written.
 */
export function qualified(name: string): string {
  const parts = [...name.matchAll(/(?:^|\.)(?:"((?:[^"]|"")+)"|([^".]+))/gy)]
  const length = parts.reduce((sum, part) => sum + part[0].length, 0)
  if (parts.length < 1 || parts.length > 2 || length !== name.length) {
    throw new OnboardError(
      'invalid',
      'identifier',
      `${JSON.stringify(name)} is not the name of a table: write table or schema.table`,
    )
  }
  return parts.map((part) => identifier(part[1]?.replaceAll('""', '"') ?? part[2] ?? '')).join('.')
}
