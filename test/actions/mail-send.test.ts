import { readdirSync, rmSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import render from '../../src/actions/document/render.ts'
import action from '../../src/actions/mail/send.ts'
import type { OnboardError } from '../../src/errors.ts'
import { testDatabase } from '../support/database.ts'
import { actionLaws } from '../support/laws.ts'
import { createWorld, mailFolder, openAcme, type World } from '../support/world.ts'

const mail = { to: ['ada@acme.example'], cc: ['tom@acme.example'], subject: 'You are live', text: 'Hello.\n' }

actionLaws('mail.send', { 'a text': { input: mail, given: openAcme } })

let world: World | undefined
afterEach(async () => {
  if (world) rmSync(mailFolder(world.database), { recursive: true, force: true })
  await world?.close()
  world = undefined
})

async function begin(): Promise<World> {
  world = await createWorld(await testDatabase({ simulated: '2026-12-01T09:00:00Z' }))
  await openAcme(world)
  return world
}

const folder = () => (world ? readdirSync(mailFolder(world.database)) : [])
const outbox = async () => (await world?.sql<{ state: string; closed: boolean; message_id: string }>('SELECT state, closed_at IS NOT NULL AS closed, message_id FROM onboard.outbox ORDER BY began_at, closed_at NULLS LAST')) ?? []
const thrown = (work: Promise<unknown>): Promise<OnboardError> => work.then(() => { throw new Error('it was accepted') }, (error: OnboardError) => error)

describe('once', () => {
  test('what was sent stays sent, whatever is to be sent later', async () => {
    const { apply } = await begin()
    const first = await apply(action as never, mail)
    expect(first.outputs).toMatchObject({ to: mail.to, sent_at: '2026-12-01T09:00:00Z', message_id: expect.stringMatching(/^<[0-9a-f]{32}@onboard\.invalid>$/) })
    expect((await apply(action as never, { ...mail, text: 'Something else.' })).change).toBeNull()
    expect(folder()).toHaveLength(1)
  })

  test('undone and done again it is another mail, and the first is still known', async () => {
    const { apply, undo } = await begin()
    await undo(action as never, await apply(action as never, mail))
    await apply(action as never, mail)
    const rows = await outbox()
    expect(rows.map(({ state, closed }) => [state, closed])).toEqual([['sent', true], ['sent', false]])
    expect(new Set(rows.map(({ message_id }) => message_id)).size).toBe(2)
    expect(folder()).toHaveLength(2)
  })

  test('one that was on its way into a folder is written again, under its name', async () => {
    const { apply, sql } = await begin()
    const first = await apply(action as never, mail)
    await sql(`UPDATE onboard.outbox SET state = 'sending', sent_at = NULL`)
    const again = await apply(action as never, mail)
    expect(again.outputs).toMatchObject({ message_id: (first.outputs as { message_id: string }).message_id })
    expect([folder().length, await outbox()]).toEqual([1, [expect.objectContaining({ state: 'sent' })]])
  })

  test('one that was refused is sent with its Message-ID, or with another where it says something else', async () => {
    const { apply, sql } = await begin()
    await apply(action as never, mail)
    const refuse = () => sql(`UPDATE onboard.outbox SET state = 'refused', sent_at = NULL WHERE closed_at IS NULL`)
    await refuse()
    await apply(action as never, mail)
    expect(await outbox()).toHaveLength(1)
    await refuse()
    await apply(action as never, { ...mail, text: 'Something else.' })
    expect((await outbox()).map(({ state, closed }) => [state, closed])).toEqual([['refused', true], ['sent', false]])
  })

  test('one of which nobody knows waits for a person, who types one of two commands', async () => {
    const { apply, sql } = await begin()
    await apply(action as never, mail)
    await sql(`UPDATE onboard.outbox SET state = 'sending', repeatable = false, sent_at = NULL`)
    const error = await thrown(apply(action as never, mail))
    expect(error).toMatchObject({
      kind: 'waiting', code: 'mail-unknown', message: expect.stringContaining('it is not known whether folder '),
      suggestions: [expect.stringMatching(/^onboard document mail acme --sent [0-9a-f]{12} --reason REASON$/), expect.stringMatching(/^onboard document mail acme --resend [0-9a-f]{12} --reason REASON$/)],
    })
  })
})

describe('from documents', () => {
  const letter = { template: 'rollback-completed', data: {
    vendor: { name: 'Example Vendor', support_email: 'support@vendor.example' }, customer: 'Acme', contact: 'Ada', tenant: { status: 'suspended', login: 'password' },
    cause_by: '2026-12-04', owner: { name: 'Eva', email: 'eva@vendor.example' }, sender: { name: 'Cleo' },
  } }

  test('the text is the document, the subject its title', async () => {
    const { apply, sql } = await begin()
    await apply(render as never, letter)
    const sent = await apply(action as never, { to: mail.to, document: 'rollback-completed', attach: ['rollback-completed'] })
    expect(sent.change?.after).toEqual({ sent: true, subject: 'Example Vendor: the go-live of Acme is taken back' })
    expect(await sql('SELECT subject FROM onboard.outbox')).toEqual([{ subject: 'Example Vendor: the go-live of Acme is taken back' }])
  })

  test('one that is not there is named, and nothing is sent', async () => {
    const { apply } = await begin()
    expect(await thrown(apply(action as never, { to: mail.to, document: 'rollback-completed' }))).toMatchObject({ kind: 'invalid', code: 'no-such-document', message: expect.stringContaining("'rollback-completed' of acme") })
    expect(await outbox()).toEqual([])
  })

  test('one whose bytes were changed is not sent', async () => {
    const { apply, sql } = await begin()
    await apply(render as never, letter)
    await sql(`ALTER TABLE onboard.evidence DROP CONSTRAINT evidence_digest_check, DROP CONSTRAINT IF EXISTS evidence_check`).catch(() => undefined)
    const checks = await sql<{ name: string }>(`SELECT conname AS name FROM pg_constraint WHERE conrelid = 'onboard.evidence'::regclass AND contype = 'c'`)
    for (const { name } of checks) await sql(`ALTER TABLE onboard.evidence DROP CONSTRAINT "${name}"`)
    await sql(`UPDATE onboard.evidence SET bytes = 'Give us your password.'`)
    expect(await thrown(apply(action as never, { to: mail.to, document: 'rollback-completed' }))).toMatchObject({ kind: 'verification', code: 'document-changed' })
    expect(await outbox()).toEqual([])
  })
})

test.each([
  ['a subject of two lines', { ...mail, subject: 'Hello\r\nBcc: all@evil.example' }, 'header-injection'],
  ['an address of two lines', { ...mail, to: ['ada@acme.example\nBcc: x@evil.example'] }, 'no-mail-address'],
  ['two addresses in one', { ...mail, cc: ['a@b.example, c@d.example'] }, 'no-mail-address'],
  ['no text', { to: mail.to, subject: 'x' }, 'mail-without-text'],
  ['both texts', { ...mail, document: 'x' }, 'mail-without-text'],
  ['a text without a subject', { to: mail.to, text: 'x' }, 'mail-without-subject'],
  ['an empty subject', { ...mail, subject: ' ' }, 'mail-without-subject'],
])('%s is refused before anything is noted', async (_title, input, code) => {
  const { apply } = await begin()
  expect(await thrown(apply(action as never, input))).toMatchObject({ kind: 'invalid', code })
  expect(await outbox()).toEqual([])
})
