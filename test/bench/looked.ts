import type pg from 'pg'
import { Context } from '../../src/cli/context.ts'
import { lookAhead } from '../../src/cli/looks.ts'
import { processIo } from '../../src/cli/process-io.ts'
import { STAMP, STAMPED } from '../../src/journal/stamps.ts'

const FIRST = 'c00001'

/**
 * Keeps of the copies that `crowd` has made what the commands that had written to them would have kept:
 * looks at the first of them by what a command does at its end, and copies that.
 * @param client superuser in the example's database; `workspace`: that of the commands that will read them
 */
export async function looked(
  client: pg.Client, { workspace, database }: { readonly workspace: string; readonly database: string },
): Promise<void> {
  const { rows: [first] } = await client.query<{ id: string }>(
    `SELECT o.id FROM onboard.onboarding o JOIN onboard.customer c ON c.id = o.customer WHERE c.slug = $1`, [FIRST])
  const context = new Context(processIo, { workspace, databaseUrl: database })
  await lookAhead(context, [first?.id ?? '']).finally(() => context.close())
  await client.query(
    `INSERT INTO onboard.look (ground, onboarding, since, until, before, stamp, runbook, lasting)
     SELECT l.ground, o.id, l.since, l.until, l.before, ${STAMP}, l.runbook, replace(l.lasting, $1, c.slug)
       FROM ${STAMPED},
            (SELECT l.* FROM onboard.look l JOIN onboard.onboarding x ON x.id = l.onboarding
               JOIN onboard.customer y ON y.id = x.customer WHERE y.slug = $1) l
      WHERE c.slug ~ '^c[0-9]{5}$' AND c.slug <> $1`, [FIRST])
  await client.query('VACUUM ANALYZE onboard.look')
}
