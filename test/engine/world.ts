/** A small onboarding on a real database, for the engine's tests: a table, a file outside, a probe, a person. */
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { defineAction, defineAsk, defineProbe, Secret } from '../../src/contract.ts'
import onboardingUndo from '../../src/actions/onboarding/undo.ts'
import type { Action, Reader } from '../../src/contract.ts'
import type { Database } from '../../src/database/open.ts'
import { digest } from '../../src/engine/digest.ts'
import type { Catalogue, SecretSink } from '../../src/engine/ports.ts'
import { openWork } from '../../src/cli/work.ts'
import type { ActionSchemas, Json, JsonObject, Runbook, Step } from '../../src/model.ts'
import { createEvaluator } from '../../src/runbook/evaluate.ts'

const text = { type: 'string' } as const

const put = defineAction({
  title: 'Sets a value.', example: { key: 'a', value: 'b' },
  input: { type: 'object', required: ['key', 'value'], properties: { key: text, value: text } },
  output: { type: 'object', required: ['value'], properties: { value: text } },
  where: 'database',
  owns: (input) => [`thing/${input.key}`],
  check: async (read, input) => (await read.one<{ value: string }>('SELECT value FROM public.thing WHERE key = $1', [input.key])) ?? null,
  plan: (input, seen) => seen?.value === input.value ? null
    : { target: `thing ${input.key}`, key: input.key, before: seen && { value: seen.value }, after: { value: input.value } },
  apply: async (write, change) => {
    await write.run('INSERT INTO public.effect (key) VALUES ($1)', [change.key])
    await write.run('INSERT INTO public.thing (key, value) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value', [change.key, change.after?.['value']])
  },
  outputs: (input) => ({ value: input.value }),
  undo: async (write, change) => {
    await write.run('INSERT INTO public.effect (key) VALUES ($1)', [`undo ${change.key}`])
    if (change.before === null) await write.run('DELETE FROM public.thing WHERE key = $1', [change.key])
    else await write.run('UPDATE public.thing SET value = $2 WHERE key = $1', [change.key, change.before['value']])
  },
})

const keep = defineAction({
  title: 'Sets a value that undo can only retire.', example: { key: 'a' },
  input: { type: 'object', required: ['key'], properties: { key: text, forever: text } },
  output: { type: 'object', properties: {} },
  where: 'database',
  check: async (read, input) => (await read.one<{ value: string }>('SELECT value FROM public.thing WHERE key = $1', [input.key])) ?? null,
  plan: (input, seen) => seen ? null : { target: `thing ${input.key}`, key: input.key, before: null, after: { value: 'kept' }, reversible: input.forever === undefined },
  apply: async (write, change) => { await write.run(`INSERT INTO public.thing VALUES ($1, 'kept')`, [change.key]) },
  outputs: () => ({}),
  undo: async (write, change) => {
    await write.run(`UPDATE public.thing SET value = 'retired' WHERE key = $1`, [change.key])
    return 'it stays, retired'
  },
})

const mint = defineAction({
  title: 'Issues a secret.', example: { key: 'a' },
  input: { type: 'object', required: ['key'], properties: { key: text } },
  output: { type: 'object', properties: {} },
  where: 'database', issues: ['word'],
  check: async (read, input) => ({ there: (await read.one('SELECT 1 AS one FROM public.thing WHERE key = $1', [input.key])) !== undefined }),
  plan: (input, seen) => seen.there ? null : { target: `secret ${input.key}`, key: input.key, before: null, after: {} },
  apply: async (write, change) => {
    const word = new Secret(randomUUID())
    write.secret('word', word)
    await write.run('INSERT INTO public.thing (key, value) VALUES ($1, $2)', [change.key, word.reveal()])
  },
  outputs: () => ({}),
  undo: async (write, change) => { await write.run('DELETE FROM public.thing WHERE key = $1', [change.key]) },
  reissue: async (write, input) => {
    const word = new Secret(randomUUID())
    write.secret('word', word)
    await write.run('UPDATE public.thing SET value = $2 WHERE key = $1', [input.key, word.reveal()])
  },
})

const line = defineAction({
  title: 'Appends a line to a file.', example: { file: 'f', line: 'l' },
  input: { type: 'object', required: ['file', 'line'], properties: { file: text, line: text } },
  output: { type: 'object', properties: {} },
  where: 'outside',
  check: async (_read, input) => ({ there: existsSync(input.file) && readFileSync(input.file, 'utf8').split('\n').includes(input.line) }),
  plan: (input, seen) => seen.there ? null : { target: input.file, file: input.file, line: input.line, before: null, after: { line: input.line } },
  apply: async (_write, change) => { appendFileSync(change.file, `${change.line}\n`) },
  outputs: () => ({}),
})

const flag = defineAction({
  title: 'Makes a file.', example: { file: 'f' },
  input: { type: 'object', required: ['file'], properties: { file: text } },
  output: { type: 'object', properties: {} },
  where: 'outside',
  check: async (_read, input) => ({ there: existsSync(input.file) }),
  plan: (input, seen) => seen.there ? null : { target: input.file, file: input.file, before: null, after: { there: true } },
  apply: async (_write, change) => { writeFileSync(change.file, '', { flag: 'wx' }) },
  outputs: () => ({}),
  undo: async (_write, change) => { rmSync(change.file) },
})

const look = defineProbe({
  title: 'Looks for a value.', example: { key: 'a', value: 'b' },
  input: { type: 'object', required: ['key', 'value'], properties: { key: text, value: text, warn: { type: 'boolean' } } },
  output: { type: 'object', properties: {} },
  touches: 'nothing', max_age_ms: 60_000,
  probe: async (read, input) => {
    const row = await read.one<{ value: string }>('SELECT value FROM public.thing WHERE key = $1', [input.key])
    return { result: row?.value === input.value ? 'pass' : input.warn ? 'warn' : 'fail', summary: `${input.key} is ${row?.value ?? 'absent'}`, data: row?.value ?? null }
  },
  outputs: () => ({}),
})

const word = defineAsk({
  title: 'Asks a person.', example: {},
  input: { type: 'object', properties: { evidence: { enum: ['required', 'none'], default: 'none' } } },
  output: { type: 'object', required: ['by'], properties: { by: text } },
  ask: (input) => ({ text: 'Agreed?', from: [], evidence: input.evidence }),
  accept: (question, answer) => question.evidence === 'required' && answer.evidence.length === 0 ? { missing: 'evidence is required' } : { by: answer.signer.email },
})

const ACTIONS: Readonly<Record<string, Action>> = { put, keep, mint, line, flag, look, word, 'onboarding.undo': onboardingUndo } as never

export type StepSketch = Partial<Step> & Pick<Step, 'id' | 'uses'>

/** A runbook of the given phases; a step without `needs` needs the one before it. */
export function sketch(phases: Readonly<Record<string, readonly StepSketch[]>>, procedures: Readonly<Record<string, readonly StepSketch[]>> = {}): Runbook {
  const compiled = (steps: Readonly<Record<string, readonly StepSketch[]>>, inSequence: boolean): Runbook['phases'] => Object.keys(steps).map((id, n, ids) => ({
    id, title: id, owner: ['engineering'], needs: n === 0 || !inSequence ? [] : [ids[n - 1] as string], duration: null, starts: null,
    steps: (steps[id] ?? []).map((step, at, all): Step => ({
      title: step.id, with: {}, when: null, owner: ['engineering'], needs: at === 0 ? [] : [all[at - 1]?.id as string], for_each: null,
      retry: null, timeout_ms: null, waivable_by: [], binds: [], capability: null, at: { file: `${id}.yaml`, line: 1, col: 1 }, ...step,
    })),
  }))
  const runbook = {
    name: 'small', title: 'Small', version: '1.0.0', effective: null, roles: ['engineering', 'legal'], milestones: [], procedures: compiled(procedures, false),
    inputs: { handoff: { type: 'object', properties: { go: { type: 'boolean' }, name: text, list: { type: 'array' } } } },
    phases: compiled(phases, true),
  }
  return { ...runbook, digest: digest(runbook) }
}

export interface Setting {
  readonly runbook: Runbook
  readonly handoff?: JsonObject
  readonly config?: JsonObject
  readonly secrets?: SecretSink
  readonly exec?: Reader['exec']
  readonly reached?: (point: string) => void
  readonly share_ms?: number
}

/** Tables that the small runbooks write to; `effect` counts how often anything was applied. */
export async function prepare(database: Database): Promise<void> {
  const owner = await database.connect('owner')
  await owner.query(`CREATE TABLE public.thing (key text PRIMARY KEY, value text NOT NULL); CREATE TABLE public.effect (key text NOT NULL);
    GRANT ALL ON public.thing, public.effect TO onboard_app; GRANT SELECT ON public.thing, public.effect TO onboard_reader`)
  await owner.end()
}

/** Starts an onboarding of the runbook and gives its id. */
export async function open(database: Database, setting: Setting, slug = 'acme'): Promise<string> {
  const app = await database.connect('app')
  const { runbook } = setting
  await app.query('INSERT INTO onboard.runbook (digest, name, version, compiled, files) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING', [runbook.digest, runbook.name, runbook.version, runbook, {}])
  const chain = (await app.query<{ id: string }>('SELECT onboard.open_chain() AS id')).rows[0]?.id as string
  const customer = (await app.query<{ id: string }>(`INSERT INTO onboard.customer (slug, company) VALUES ($1, 'Acme') RETURNING id`, [slug])).rows[0]?.id
  await app.query('INSERT INTO onboard.onboarding (id, customer, runbook) VALUES ($1, $2, $3)', [chain, customer, runbook.digest])
  await app.end()
  return chain
}

export function workOn(database: Database, id: string, setting: Setting, slug = 'acme') {
  const schemas: ActionSchemas = new Map(Object.entries(ACTIONS).map(([name, { kind, input, output, title, example }]) => [name, { kind, input, output, title, example }])) as never
  const catalogue: Catalogue = { names: () => Object.keys(ACTIONS), load: async (name) => ACTIONS[name] }
  const { name, version, digest: pinned } = setting.runbook
  return openWork(database, {
    onboarding: { id, key: slug, slug, name: '', company: 'Acme', runbook: { name, version, digest: pinned }, opened_at: '2026-12-01T00:00:00Z' },
    runbook: setting.runbook,
    inputs: { handoff: setting.handoff ?? {}, discovery: null, config: setting.config ?? {}, onboarding: { slug, key: slug, name: '', company: 'Acme', today: '2026-12-01' } as Json as JsonObject },
    evaluator: createEvaluator(setting.runbook, schemas),
    catalogue,
    actor: { name: 'ada', email: null, how: 'os', verified: false },
    surroundings: { product: { form: 'reference' } as never, exec: setting.exec ?? (() => Promise.reject(new Error('no programs here'))), ...(setting.share_ms === undefined ? {} : { share_ms: setting.share_ms }) },
    secrets: setting.secrets ?? { ready: async () => undefined, deliver: async () => undefined },
    ...(setting.reached ? { reached: setting.reached } : {}),
  })
}

/** Onboardings of a test file, each with a slug of its own that its phases may use for keys of their own. */
export function starter(database: () => Database, prefix: string) {
  let count = 0
  return async (
    phases: (slug: string) => Readonly<Record<string, readonly StepSketch[]>>, more: Omit<Setting, 'runbook'> = {},
  ) => {
    const slug = `${prefix}${++count}`
    const setting: Setting = { runbook: sketch(phases(slug)), ...more }
    const id = await open(database(), setting, slug)
    return { slug, id, setting, work: workOn(database(), id, setting, slug) }
  }
}
