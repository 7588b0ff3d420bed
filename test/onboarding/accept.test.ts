import { readFileSync } from 'node:fs'
import { beforeAll, expect, test } from 'vitest'
import { createCatalogue } from '../../src/actions/catalogue.ts'
import { findRunbook, readRunbook } from '../../src/cli/runbook-files.ts'
import type { Database } from '../../src/database/open.ts'
import { digest } from '../../src/engine/digest.ts'
import { OnboardError } from '../../src/errors.ts'
import { findOnboarding } from '../../src/journal/find.ts'
import { createIntakeStore, inputSource, pinnedFiles } from '../../src/journal/onboardings.ts'
import { acceptHandoff, type Accepted } from '../../src/onboarding/accept.ts'
import type { PinnedRunbook } from '../../src/onboarding/intake-store.ts'
import { loadRunbook } from '../../src/runbook/load.ts'
import { testDatabase } from '../support/database.ts'
import { ACME, ALL, DISCOVERY, TODAY } from './samples.ts'

let database: Database
let pinned: PinnedRunbook
let source: Awaited<ReturnType<typeof readRunbook>>

beforeAll(async () => {
  database = await testDatabase()
  source = await readRunbook({ dir: (await findRunbook('enterprise', null, process.cwd())).dir, cwd: process.cwd() })
  const { runbook, paths } = loadRunbook(source, await createCatalogue().schemas())
  if (runbook === undefined) throw new Error('the shipped runbook does not load')
  pinned = { runbook, files: { root: source.root, files: new Map(paths.map((path) => [path, source.files.get(path) ?? new Uint8Array()])) } }
})

interface More {
  readonly discovery?: string
  readonly name?: string
  readonly today?: string
  readonly pinned?: PinnedRunbook
}

async function accept(text: string, more: More = {}): Promise<Accepted> {
  const client = await database.connect('app')
  try {
    return await acceptHandoff({
      store: createIntakeStore(client),
      handoff: { bytes: Buffer.from(text), file: 'handoff.yaml' },
      discovery: more.discovery === undefined ? undefined : { bytes: Buffer.from(more.discovery), file: 'discovery.yaml' },
      runbook: { name: (more.pinned ?? pinned).runbook.name, load: async () => more.pinned ?? pinned },
      name: more.name ?? '',
      actor: { name: 'Sam Ortiz', email: 'sam@vendor.example', how: 'os', verified: false },
      config: ALL,
      today: more.today ?? TODAY,
    })
  } finally {
    await client.end()
  }
}

async function refused(work: Promise<unknown>): Promise<OnboardError> {
  const error = await work.then(() => undefined, (thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(OnboardError)
  return error as OnboardError
}

async function counts(): Promise<Record<string, number>> {
  const client = await database.connect('reader')
  const { rows } = await client.query<{ customers: number; onboardings: number; inputs: number; entries: number; chains: number }>(
    `SELECT (SELECT count(*)::int FROM onboard.customer) AS customers, (SELECT count(*)::int FROM onboard.onboarding) AS onboardings,
            (SELECT count(*)::int FROM onboard.input) AS inputs, (SELECT count(*)::int FROM onboard.journal) AS entries,
            (SELECT count(*)::int FROM onboard.chain) AS chains`)
  await client.end()
  return { ...rows[0] }
}

const company = (name: string, slug: string) => ACME.replace(/company:.*/, `company: { name: "${name}", slug: ${slug} }`)

test('a handoff begins an onboarding: customer, inputs, pinned runbook and two journal entries', async () => {
  const result = await accept(company('First AG', 'first'))
  expect(result).toMatchObject({ outcome: 'opened', onboarding: 'first', company: 'First AG', head: { seq: 2 }, runbook: { name: 'enterprise' } })
  expect(result.feasibility?.fits).toBe(true)
  const client = await database.connect('reader')
  const found = await findOnboarding(client, 'first')
  expect(found).toMatchObject({ onboarding: { key: 'first', company: 'First AG' }, handoff: { admin: { email: 'tom@acme.example' } }, discovery: null })
  const id = found?.onboarding.id ?? ''
  const { rows } = await client.query<{ kind: string; body: string }>('SELECT kind, body FROM onboard.journal WHERE chain = $1 ORDER BY seq', [id])
  expect(rows.map(({ kind }) => kind)).toEqual(['opened', 'accepted'])
  expect(rows.map(({ body }) => body).join()).not.toMatch(/tom@acme|First AG|Sam Ortiz/)
  const given = await inputSource(client, id, 'handoff')
  expect(Buffer.from(given?.source ?? []).toString()).toBe(company('First AG', 'first'))
  expect(given?.digest).toBe(digest(found?.handoff))
  await client.end()
})

test('the pinned copy loads as the very runbook', async () => {
  await accept(company('Pinned AG', 'pinned'))
  const client = await database.connect('reader')
  const files = await pinnedFiles(client, pinned.runbook.digest)
  await client.end()
  if (files === undefined) throw new Error('nothing is pinned')
  const { runbook } = loadRunbook({ ...files, format: source.format }, await createCatalogue().schemas())
  expect(runbook?.digest).toBe(pinned.runbook.digest)
})

test('the same again changes nothing: the same bytes, another layout, or after go-live has passed', async () => {
  const text = company('Again AG', 'again')
  await accept(text)
  const before = await counts()
  expect((await accept(text)).outcome).toBe('unchanged')
  expect((await accept(`# another layout\n${text.replace('users: 1000', 'users:   1000')}`)).outcome).toBe('unchanged')
  expect((await accept(text, { today: '2027-06-01' })).outcome).toBe('unchanged')
  expect(await counts()).toEqual(before)
})

test('another content is a conflict that says each field, and changes nothing', async () => {
  const text = company('Other AG', 'other')
  await accept(text)
  const before = await counts()
  const error = await refused(accept(text.replace('users: 1000', 'users: 1200').replace('[soc2]', '[iso27001]')))
  expect(error).toMatchObject({ kind: 'conflict', code: 'handoff-differs' })
  expect(error.diagnostics.map(({ field, line, message }) => [field, line, message])).toEqual([
    ['commercial.users', 6, 'commercial.users was accepted as 1000 and is 1200 here'],
    ['compliance.certifications[0]', 13, 'compliance.certifications[0] was accepted as "soc2" and is "iso27001" here'],
  ])
  expect(await counts()).toEqual(before)
})

test('a slug that another company has is refused with the way out', async () => {
  await accept(company('Taken AG', 'taken'))
  const before = await counts()
  const error = await refused(accept(company('Taken Ltd', 'taken')))
  expect(error).toMatchObject({ kind: 'invalid', code: 'slug-taken' })
  expect(error.message).toMatch(/company\.slug/)
  expect(await counts()).toEqual(before)
})

test('a customer has several onboardings by name', async () => {
  await accept(company('Twice AG', 'twice'))
  expect(await accept(company('Twice AG', 'twice'), { name: 'eu' })).toMatchObject({ outcome: 'opened', onboarding: 'twice/eu' })
  expect(await refused(accept(company('Twice AG', 'twice'), { name: 'E U' }))).toMatchObject({ kind: 'usage' })
})

test('a discovery may come later, once; another one is a conflict', async () => {
  const text = company('Later AG', 'later')
  await accept(text)
  expect(await accept(text, { discovery: DISCOVERY })).toMatchObject({ outcome: 'updated', head: { seq: 3 } })
  expect((await accept(text, { discovery: DISCOVERY })).outcome).toBe('unchanged')
  expect((await accept(text)).outcome).toBe('unchanged')
  const error = await refused(accept(text, { discovery: DISCOVERY.replace('800', '801') }))
  expect(error.diagnostics).toMatchObject([{ file: 'discovery.yaml', line: 1, field: 'users.expected' }])
})

test('another runbook for the same onboarding is a conflict', async () => {
  await accept(company('Runbook AG', 'runbook-ag'))
  const other = { ...pinned, runbook: { ...pinned.runbook, name: 'other', digest: 'a'.repeat(64) } }
  expect(await refused(accept(company('Runbook AG', 'runbook-ag'), { pinned: other }))).toMatchObject({ kind: 'conflict', code: 'other-runbook' })
})

test('accepted ten times at once, it is there once', async () => {
  const before = await counts()
  const results = await Promise.all(Array.from({ length: 10 }, () => accept(company('Race AG', 'race'))))
  expect(results.map(({ outcome }) => outcome).toSorted()).toEqual(['opened', ...Array<string>(9).fill('unchanged')])
  expect(await counts()).toEqual({
    customers: Number(before['customers']) + 1, onboardings: Number(before['onboardings']) + 1, inputs: Number(before['inputs']) + 1,
    entries: Number(before['entries']) + 2, chains: Number(before['chains']) + 1,
  })
})

test('what is refused changes nothing', async () => {
  const before = await counts()
  for (const text of ['', 'company: [', company('Bad AG', 'bad').replace('users: 1000', 'users: -1'), company('Bad AG', 'bad').replace('2027-02-15', '2026-11-01')]) {
    expect(await refused(accept(text))).toMatchObject({ kind: 'invalid', code: 'handoff-invalid' })
  }
  expect(await counts()).toEqual(before)
})

test('SQL in every field, and names in any script, are kept as they are', async () => {
  const sql = `'); DROP TABLE onboard.customer; --`
  const names = ['株式会社アクメ', 'شركة أكمي', 'Гермес ООО', 'हिन्दी कंपनी', '👩‍💻 e\u0301', sql, `\\'; $$ %s "quoted"`]
  for (const [i, name] of names.entries()) {
    const text = ACME
      .replace(/company:.*/, () => `company: { name: ${JSON.stringify(name)}, slug: script-${i} }`)
      .replace('name: Ada Meier', () => `name: ${JSON.stringify(name)}`)
      .replace('idp: okta', () => `idp: ${JSON.stringify(name)}`)
      .concat(`notes: ${JSON.stringify(`${name}\nsecond line`)}\n`)
    expect((await accept(text)).company).toBe(name.normalize('NFC'))
    expect((await accept(text)).outcome).toBe('unchanged')
  }
  const client = await database.connect('reader')
  const { rows } = await client.query<{ name: string }>(`SELECT document #>> '{contacts,primary,0,name}' AS name FROM onboard.input JOIN onboard.onboarding o ON o.id = onboarding JOIN onboard.customer c ON c.id = o.customer WHERE c.slug LIKE 'script-%' ORDER BY c.slug`)
  await client.end()
  expect(rows.map(({ name }) => name)).toEqual(names.map((name) => name.normalize('NFC')))
})

test('the shipped example is accepted', async () => {
  const text = readFileSync('runbooks/enterprise/examples/acme.handoff.yaml', 'utf8')
  expect((await accept(text)).outcome).toBe('opened')
})

test('a disk that is full in the middle leaves nothing behind', async () => {
  const before = await counts()
  const owner = await database.connect('owner')
  await owner.query(`CREATE FUNCTION onboard.full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$`)
  await owner.query('CREATE TRIGGER zz_full BEFORE INSERT ON onboard.input FOR EACH ROW EXECUTE FUNCTION onboard.full()')
  await expect(accept(company('Full AG', 'full'))).rejects.toMatchObject({ code: '53100' })
  await owner.query('DROP TRIGGER zz_full ON onboard.input')
  await owner.end()
  expect(await counts()).toEqual(before)
  expect((await accept(company('Full AG', 'full'))).outcome).toBe('opened')
})
