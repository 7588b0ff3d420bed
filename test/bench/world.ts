/** A runbook of any number of equal steps, each keeping one row, on a table of the bench's own. */
import type { Client } from 'pg'
import { openWork } from '../../src/cli/work.ts'
import { defineAction } from '../../src/contract.ts'
import type { Action } from '../../src/contract.ts'
import { openDatabase } from '../../src/database/open.ts'
import type { Database } from '../../src/database/open.ts'
import { digest } from '../../src/engine/digest.ts'
import type { Catalogue } from '../../src/engine/ports.ts'
import type { ActionSchemas, Runbook, Step } from '../../src/model.ts'
import { createEvaluator } from '../../src/runbook/evaluate.ts'

/** The statements of a step, which the hand-written forms send as well. */
export const READ = 'SELECT value FROM public.bench WHERE key = $1'
export const EFFECT = `INSERT INTO public.bench (key, value) VALUES ($1, $2)
  ON CONFLICT (key) DO UPDATE SET value = excluded.value`

const text = { type: 'string' } as const
const put = defineAction({
  title: 'Keeps a row.', example: { key: 'a', value: 'b' },
  input: { type: 'object', required: ['key', 'value'], properties: { key: text, value: text } },
  output: { type: 'object', required: ['value'], properties: { value: text } },
  where: 'database',
  owns: (input) => [`bench/${input.key}`],
  check: async (read, input) => (await read.one<{ value: string }>(READ, [input.key])) ?? null,
  plan: (input, seen) => (seen?.value === input.value ? null : {
    target: `row ${input.key}`, key: input.key,
    before: seen && { value: seen.value }, after: { value: input.value },
  }),
  apply: async (write, change) => { await write.run(EFFECT, [change.key, change.after?.['value']]) },
  outputs: (input) => ({ value: input.value }),
})

const ACTIONS: Readonly<Record<string, Action>> = { put } as never
const catalogue: Catalogue = { names: () => Object.keys(ACTIONS), load: async (name) => ACTIONS[name] }

interface Made {
  readonly id: string
  readonly slug: string
  readonly work: ReturnType<typeof openWork>
}

export interface World {
  readonly database: Database
  readonly runbook: (steps: number) => Runbook
  /** A new onboarding of so many steps, and what advances it; `warm`: on a connection that stays open between runs. */
  onboarding(steps: number, warm?: 'warm'): Promise<Made>
  close(): Promise<void>
}

/** @param name of the embedded database to make it in */
export async function makeWorld(name: string): Promise<World> {
  const database = await openDatabase({ kind: 'embedded', name })
  const owner = await database.connect('owner')
  await owner.query(`CREATE TABLE public.bench (key text PRIMARY KEY, value text NOT NULL);
    GRANT ALL ON public.bench TO onboard_app; GRANT SELECT ON public.bench TO onboard_reader`)
  await owner.end()
  const app = await database.connect('app')
  const kept = keptOpen(database)
  let count = 0
  return {
    database, runbook,
    onboarding: async (steps, warm) => {
      const slug = `c${++count}`
      const book = runbook(steps)
      await app.query(
        `INSERT INTO onboard.runbook (digest, name, version, compiled, files) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING`, [book.digest, book.name, book.version, book, {}])
      const { rows } = await app.query<{ id: string }>(
        `WITH c AS (INSERT INTO onboard.customer (slug, company) VALUES ($1, 'Acme') RETURNING id)
         INSERT INTO onboard.onboarding (id, customer, runbook)
         SELECT onboard.open_chain(), c.id, $2 FROM c RETURNING id`, [slug, book.digest])
      const id = rows[0]?.id as string
      return { id, slug, work: workOn(warm ? kept : database, book, id, slug) }
    },
    close: async () => {
      await kept.close()
      await app.end()
      await database.close()
    },
  }
}

/** The database over connections that outlive a run, as a worker keeps them: ending one lets its run's lock go. */
function keptOpen(database: Database): Database {
  const clients = new Map<string, { readonly client: Client; readonly end: () => Promise<void> }>()
  return {
    ...database,
    connect: async (role) => {
      const known = clients.get(role)
      if (known) return known.client
      const client = await database.connect(role)
      clients.set(role, { client, end: client.end.bind(client) as () => Promise<void> })
      client.end = (async () => void (await client.query('SELECT pg_advisory_unlock_all()'))) as typeof client.end
      return client
    },
    close: async () => { for (const { end } of clients.values()) await end() },
  }
}

function runbook(steps: number): Runbook {
  const made = {
    name: 'bench', title: 'Bench', version: '1.0.0', effective: null, roles: ['engineering'],
    milestones: [], procedures: [],
    inputs: { handoff: { type: 'object', properties: { value: text } } },
    phases: [{
      id: 'rows', title: 'Rows', owner: ['engineering'], needs: [], duration: null, starts: null,
      steps: Array.from({ length: steps }, (_, n): Step => ({
        id: `s${n}`, title: `Row ${n}`, uses: 'put', owner: ['engineering'],
        with: { key: `\${{ onboarding.slug }}-${n}`, value: '${{ handoff.value }}' },
        needs: n === 0 ? [] : [`s${n - 1}`], when: null, for_each: null, retry: null, timeout_ms: null,
        waivable_by: [], binds: [], capability: null, at: { file: 'rows.yaml', line: 1, col: 1 },
      })),
    }],
  }
  return { ...made, digest: digest(made) }
}

const schemas = new Map(Object.entries(ACTIONS)) as unknown as ActionSchemas

function workOn(database: Database, book: Runbook, id: string, slug: string): ReturnType<typeof openWork> {
  const { name, version, digest: pinned } = book
  return openWork(database, {
    onboarding: {
      id, key: slug, slug, name: '', company: 'Acme', runbook: { name, version, digest: pinned },
      opened_at: '2026-12-01T00:00:00Z',
    },
    runbook: book,
    inputs: {
      handoff: { value: 'x'.repeat(40) }, discovery: null, config: {},
      onboarding: { slug, key: slug, name: '', company: 'Acme', today: '2026-12-01' },
    },
    evaluator: createEvaluator(book, schemas),
    catalogue,
    actor: { name: 'bench', email: null, how: 'os', verified: false },
    surroundings: {
      product: { form: 'reference' } as never, exec: () => Promise.reject(new Error('no programs here')),
    },
    secrets: { ready: async () => undefined, deliver: async () => undefined },
  })
}
