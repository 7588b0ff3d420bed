import { OnboardError } from '../errors.ts'
import type { DatabaseTarget } from '../database/open.ts'
import type { Context } from './context.ts'

type Embedded = Extract<DatabaseTarget, { kind: 'embedded' }>

/** What to use in place of a command that is the embedded server's, on a server of the user's. */
const INSTEAD: Readonly<Record<string, string>> = {
  start: 'start it by its own means',
  stop: 'stop it by its own means',
  backup: 'use pg_dump, which knows all that is in it',
  restore: 'use pg_restore, and onboard audit verify after it',
  sql: 'use psql',
}

/**
 * The embedded database that is chosen.
 * @param verb the command's word, for the error
 * @throws OnboardError usage `not-embedded` where a server of the user's is chosen
 */
export async function embeddedTarget(context: Context, verb: string): Promise<Embedded> {
  const target = await context.target()
  if (target.kind === 'embedded') return target
  const { labelOf } = await import('../database/target.ts')
  throw new OnboardError(
    'usage',
    'not-embedded',
    `${labelOf(target)} is a server of yours, and db ${verb} is for the embedded one: `
      + (INSTEAD[verb] ?? 'use its own tools'),
    { suggestions: ['onboard db url --role owner'] },
  )
}
