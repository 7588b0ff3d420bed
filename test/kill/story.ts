/** The onboarding that is killed: effects in the database and outside, a secret, a probe, a step with instances. */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from 'pg'
import type { SecretSink } from '../../src/engine/ports.ts'
import { verifyChain } from '../../src/journal/verify.ts'
import { sketch } from '../engine/world.ts'
import type { Setting } from '../engine/world.ts'

export interface Case {
  readonly slug: string
  readonly id: string
  /** A folder of its own: the outbox, the flag, the secrets. */
  readonly folder: string
}

export function story({ slug, folder }: Pick<Case, 'slug' | 'folder'>, reached?: (point: string) => void): Setting {
  const put = (id: string, value: string) => ({ id, uses: 'put', with: { key: `${slug}-${id}`, value } })
  const runbook = sketch({
    mail: [{ id: 'hello', uses: 'line', with: { file: join(folder, 'outbox'), line: 'hello' } }],
    provision: [
      put('tenant', '1'),
      { id: 'admin', uses: 'mint', with: { key: `${slug}-admin` } },
      { id: 'each', uses: 'put', for_each: '["x", "y", "z"]', with: { key: `${slug}-\${{ each }}`, value: '${{ steps.tenant.outputs.value }}' } },
      { id: 'flag', uses: 'flag', with: { file: join(folder, 'flag') } },
      { id: 'seen', uses: 'look', with: { key: `${slug}-tenant`, value: '1' } },
      put('settings', '2'),
    ],
  })
  return { runbook, secrets: toFile(join(folder, 'secrets')), ...(reached ? { reached } : {}) }
}

function toFile(file: string): SecretSink {
  return {
    ready: async () => undefined,
    deliver: async (secrets) => { for (const { name, value } of secrets) appendFileSync(file, `${name} ${value.reveal()}\n`) },
  }
}

/** What the world holds of a case; the secret as whether the last one handed over is the one that works. */
export async function observe(client: Client, { slug, id, folder }: Case) {
  const prefix = `${slug}-`
  const things = await client.query<{ key: string; value: string }>('SELECT key, value FROM public.thing WHERE starts_with(key, $1) ORDER BY key', [prefix])
  const effects = await client.query<{ key: string; times: string }>(`SELECT key, count(*) AS times FROM public.effect WHERE key LIKE '%' || $1 || '%' GROUP BY key ORDER BY key`, [prefix])
  const lines = (file: string): string[] => existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8').trimEnd().split('\n') : []
  const secret = lines('secrets').at(-1)?.split(' ')[1]
  return {
    things: things.rows.map(({ key, value }) => [key.replace(prefix, ''), key.endsWith('-admin') ? value === secret : value]),
    effects: effects.rows.map(({ key, times }) => [key.replace(prefix, ''), Number(times)]),
    outbox: lines('outbox'),
    flag: existsSync(join(folder, 'flag')),
    faults: (await verifyChain(client, id)).faults,
  }
}
