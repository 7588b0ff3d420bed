import { afterEach, describe, expect, test } from 'vitest'
import action from '../../src/actions/document/render.ts'
import type { OnboardError } from '../../src/errors.ts'
import { testDatabase } from '../support/database.ts'
import { actionLaws } from '../support/laws.ts'
import { createWorld, openAcme, type World } from '../support/world.ts'

const person = { name: 'Cleo Adams', email: 'cleo@vendor.example' }
const data = {
  customer: 'Acme', vendor: 'Example Vendor', support_email: 'support@vendor.example', sla: { name: 'gold', response_hours: 1 },
  escalation: [{ level: 'L1', after: '4h', ...person }], contacts: [{ role: 'primary', name: 'Ada', email: 'ada@acme.example' }], team: [{ role: 'cs', ...person }],
}
const input = { template: 'escalation-and-contacts', data }

actionLaws('document.render', {
  'a first version': { input, given: openAcme },
  'a version after another': {
    input: { ...input, name: 'contacts' },
    given: async (world) => {
      await openAcme(world)
      await world.apply(action as never, { ...input, name: 'contacts', data: { ...data, customer: 'Before' } })
    },
  },
})

let world!: World
afterEach(async () => (world as World | undefined)?.close().catch(() => undefined))

async function begin(): Promise<World> {
  world = await createWorld(await testDatabase({ simulated: '2026-12-01T09:00:00Z' }))
  await openAcme(world)
  return world
}

const documents = () => world.sql<{ version: number; withdrawn: boolean; digest: string; text: string }>(
  `SELECT version, withdrawn_at IS NOT NULL AS withdrawn, d.digest, convert_from(e.bytes, 'UTF8') AS text
     FROM onboard.document d JOIN onboard.evidence e ON e.digest = d.digest ORDER BY version`)

const thrown = (work: Promise<unknown>): Promise<OnboardError> => work.then(() => { throw new Error('it was accepted') }, (error: OnboardError) => error)

describe('versions', () => {
  test('other data makes another version, the same data none; what was written says from what', async () => {
    await begin()
    expect((await world.apply(action as never, input)).outputs).toMatchObject({ name: 'escalation-and-contacts', version: 1, media_type: 'text/markdown' })
    expect((await world.apply(action as never, input)).change).toBeNull()
    expect((await world.apply(action as never, { ...input, data: { ...data, customer: 'Acme Ltd' } })).outputs).toMatchObject({ version: 2 })
    const [first, second] = await documents()
    expect(first?.text).toContain('# Whom to call: Acme\n')
    expect(first?.text).toMatch(/version 1 of 2026-12-01 · enterprise 1\.0\.0 · journal entry 0, 0{12}\n$/)
    expect(second?.text).toContain('# Whom to call: Acme Ltd\n')
    const [{ sources }] = (await world.sql<{ sources: { kind: string }[] }>('SELECT sources FROM onboard.document LIMIT 1')) as [{ sources: { kind: string }[] }]
    expect(sources.map(({ kind }) => kind)).toEqual(['template', 'data', 'runbook', 'journal'])
  })

  test('undo brings the version before back and keeps the history; numbers are never used twice', async () => {
    await begin()
    await world.apply(action as never, input)
    const second = await world.apply(action as never, { ...input, data: { ...data, customer: 'Acme Ltd' } })
    await world.undo(action as never, second)
    expect((await documents()).map(({ version, withdrawn }) => [version, withdrawn])).toEqual([[1, false], [2, true]])
    expect((await world.apply(action as never, input)).change).toBeNull()
    expect((await world.apply(action as never, { ...input, data: { ...data, customer: 'Acme KG' } })).outputs).toMatchObject({ version: 3 })
  })
})

describe('bad data', () => {
  test.each([
    ['a missing name', { ...data, sla: undefined }, 'templates/escalation-and-contacts.md needs sla in its data'],
    ['a missing value', { ...data, sla: { name: 'gold' } }, 'templates/escalation-and-contacts.md:8: sla.response_hours has no value'],
    ['an empty value', { ...data, customer: ' ' }, 'templates/escalation-and-contacts.md needs customer in its data'],
    ['an empty list', { ...data, contacts: [] }, 'templates/escalation-and-contacts.md needs something in contacts'],
    ['a name that nothing shows', { ...data, costumer: 'x' }, 'templates/escalation-and-contacts.md has no use for costumer'],
    ['an object where a text is shown', { ...data, customer: {} }, 'templates/escalation-and-contacts.md:6: customer is an object, not a text'],
  ])('%s fails before anything is written, and is named', async (_title, bad, message) => {
    await begin()
    const error = await thrown(world.apply(action as never, { ...input, data: JSON.parse(JSON.stringify(bad)) as never }))
    expect(error).toMatchObject({ kind: 'invalid', message })
    expect(await documents()).toEqual([])
  })

  test('a template that is not there is named', async () => {
    await begin()
    expect(await thrown(world.apply(action as never, { ...input, template: '../package' }))).toMatchObject({ kind: 'invalid', code: 'unknown-template' })
  })
})
