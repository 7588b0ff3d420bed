/** An onboarding that is rolled back by its procedure: what is taken back in the database, outside, not at all, and by hand. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from 'pg'
import { apply } from '../../src/engine/apply.ts'
import type { RunResult, Work } from '../../src/engine/ports.ts'
import { verifyChain } from '../../src/journal/verify.ts'
import { sign } from '../../src/onboarding/sign.ts'
import { status } from '../../src/onboarding/status.ts'
import { sketch } from '../engine/world.ts'
import type { Setting } from '../engine/world.ts'
import type { Case } from './story.ts'

export function rollbackStory({ slug, folder }: Pick<Case, 'slug' | 'folder'>, reached?: (point: string) => void): Setting {
  const put = (id: string, value: string) => ({ id, uses: 'put', with: { key: `${slug}-${id}`, value } })
  const line = (id: string) => ({ id, uses: 'line', with: { file: join(folder, 'outbox'), line: id } })
  const runbook = sketch({
    setup: [put('base', '1')],
    live: [
      { id: 'gate', uses: 'word' },
      put('access', 'on'),
      { id: 'seen', uses: 'look', with: { key: `${slug}-access`, value: 'on' } },
      { id: 'flag', uses: 'flag', with: { file: join(folder, 'flag') } },
      line('welcome'),
      { id: 'each', uses: 'put', for_each: '["x", "y"]', with: { key: `${slug}-\${{ each }}`, value: '1' } },
    ],
  }, {
    rollback: [
      { ...put('note', ''), with: { key: `${slug}-note`, value: '${{ procedure.reason }}' } },
      line('notice'),
      { id: 'back', uses: 'onboarding.undo', with: { to: 'live' } },
      { id: 'gone', uses: 'put', with: { key: `${slug}-gone`, value: '${{ string(size(steps.back.outputs.undone)) }}' } },
      line('done'),
    ],
  })
  return { runbook, ...(reached ? { reached } : {}) }
}

/** As far as it is live. */
export async function goLive(work: Work): Promise<void> {
  await apply(work)
  await sign(work, { step: 'live.gate', signer: { name: 'Ada', email: 'ada@vendor.example' }, roles: ['engineering'], note: null, evidence: [] })
  await apply(work)
}

/** What a person types, and types again after a crash. */
export async function rollBack(work: Work): Promise<RunResult> {
  const { procedures } = await status(work)
  const begin = { procedure: 'rollback', condition: null, issue: null, reason: 'broken' }
  const known = await work.reading(async (_read, { entries }) => entries.some(({ kind }) => kind === 'closed'))
  // What was closed before the crash is not begun again.
  return known && procedures.length === 0 ? apply(work) : apply(work, { begin, extent: { phase: 'rollback', step: null } })
}

/** What the world holds, and what the journal says of it. */
export async function observeRollback(client: Client, { slug, id, folder }: Case) {
  const things = await client.query<{ key: string; value: string }>('SELECT key, value FROM public.thing WHERE starts_with(key, $1) ORDER BY key', [`${slug}-`])
  const effects = await client.query<{ key: string; times: string }>(`SELECT key, count(*) AS times FROM public.effect WHERE key LIKE '%' || $1 || '-%' GROUP BY key ORDER BY key`, [slug])
  const kinds = await client.query<{ said: string }>(
    `SELECT concat_ws(' ', kind, phase, step, instance) AS said, count(*) FROM onboard.journal
      WHERE chain = $1 AND kind IN ('began', 'closed', 'done', 'undone', 'probed') GROUP BY 1 ORDER BY 1`, [id])
  const outbox = join(folder, 'outbox')
  return {
    things: things.rows.map(({ key, value }) => `${key.replace(slug, '')}=${value}`),
    effects: effects.rows.map(({ key, times }) => `${key.replace(slug, '')} ${times}`),
    journal: kinds.rows,
    outbox: existsSync(outbox) ? readFileSync(outbox, 'utf8') : '',
    flag: existsSync(join(folder, 'flag')),
    faults: (await verifyChain(client, id)).faults,
  }
}
