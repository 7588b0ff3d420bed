import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Imported } from '../../src/onboarding/import-users.ts'
import { start } from '../acceptance/process.ts'
import { type OwnWorkspace, ownWorkspace } from '../support/own-runbook.ts'

const PHASE = `apiVersion: onboard/v1
phase: setup
title: Setup
owner: [engineering]
steps:
  - { id: tenant, title: Tenant, uses: tenant.record, with: { slug: "\${{ onboarding.tenant_slug }}", name: "\${{ onboarding.company }}", plan: enterprise } }
`
let at: OwnWorkspace
beforeAll(async () => {
  at = await ownWorkspace({ roles: ['engineering'], people: '  engineering: [{ name: Eva, email: eva@vendor.example }]\n', phases: { setup: PHASE } })
  await at.run('handoff accept --file acme.yaml --runbook ours')
})
afterAll(() => at.remove())
beforeEach(async () => {
  await at.sql('TRUNCATE users CASCADE')
})

const users = () => at.sql<{ email: string; full_name: string; role: string; active: boolean }>('SELECT email, full_name, role, active FROM users ORDER BY email')
const batches = async () => (await at.sql(`SELECT FROM onboard.journal WHERE kind = 'imported'`)).length
const imported = (file: string, more = '') => at.json<Imported>('users-import', `users import acme --file ${file} ${more}`)
const lines = (count: number) => `email,full_name\n${Array.from({ length: count }, (_, n) => `u${n}@acme.example,User ${n}`).join('\n')}\n`

test('without a tenant it waits, and says what comes first', async () => {
  await at.write('one.csv', lines(1))
  const ran = await at.run('users import acme --file one.csv')
  expect([ran.exit, ran.stderr]).toEqual([5, expect.stringContaining('onboard provision acme')])
  expect((await at.run('apply acme')).exit).toBe(0)
})

describe('with a tenant', () => {
  test('a dry run counts and changes nothing; the import does that, and again does nothing; the journal says it without names', async () => {
    await at.write('some.csv', '\ufeffE-Mail;Display Name;Role;Active\r\nada@acme.example;"Lovelace; Ada";Manager;yes\r\nbo@acme.example;Bo;;\r\n')
    const dry = await imported('some.csv', '--dry-run')
    expect(dry).toMatchObject({ exit: 0, result: { outcome: 'planned', rows: 2, created: 2, changed: 0, found: null, head: null } })
    expect(await users()).toEqual([])
    expect((await imported('some.csv')).result).toMatchObject({ outcome: 'imported', created: 2, found: 2, others: 0 })
    expect(await users()).toEqual([
      { email: 'ada@acme.example', full_name: 'Lovelace; Ada', role: 'manager', active: true }, { email: 'bo@acme.example', full_name: 'Bo', role: 'member', active: true },
    ])
    expect((await imported('some.csv')).result).toMatchObject({ outcome: 'unchanged', created: 0, unchanged: 2, head: null })
    const [entry] = await at.sql<{ body: string }>(`SELECT body FROM onboard.journal WHERE kind = 'imported'`)
    expect(entry?.body).toContain('"created":2')
    expect(entry?.body).not.toContain('acme.example')
  })

  test('what the file does not say stays; others are counted and left alone; JSON does the same', async () => {
    await at.sql(`INSERT INTO users (tenant_id, email, full_name, role, active) SELECT id, e, 'Old', 'manager', false FROM tenants, unnest(ARRAY['Ada@acme.example', 'zoe@acme.example']) e`)
    await at.write('one.json', JSON.stringify({ users: [{ email: 'ada@acme.example', full_name: 'New' }, { email: 'bo@acme.example', full_name: 'Bo', active: false }] }))
    expect((await imported('one.json')).result).toMatchObject({ created: 1, changed: 1, others: 1, found: 2 })
    expect(await users()).toEqual([
      { email: 'Ada@acme.example', full_name: 'New', role: 'manager', active: false }, { email: 'bo@acme.example', full_name: 'Bo', role: 'member', active: false },
      { email: 'zoe@acme.example', full_name: 'Old', role: 'manager', active: false },
    ])
  })

  test('every mistake is said by its line, and nobody is imported', async () => {
    await at.write('bad.csv', 'email,full_name,role,active\nada@acme.example,Ada,admni,true\nnobody,Bo,,\n,Cy,,maybe\nADA@acme.example,Again,,\ndee@acme.example,,,\nu@acme.example,U,,true,more\n')
    const { exit, stderr } = await at.run('users import acme --file bad.csv')
    expect(exit).toBe(3)
    for (const said of ['bad.csv:2:1: role "admni" is none of', 'did you mean admin?', 'bad.csv:3:1: email "nobody" must be an e-mail address', 'bad.csv:4:1: email is missing', 'bad.csv:4:1: active is "maybe"', 'bad.csv:6:1: full_name is missing', 'bad.csv:7:1: the line has 5 cells']) expect(stderr.replaceAll(/ +(error )?/g, ' ')).toContain(said.replaceAll(/ +/g, ' '))
    expect(await users()).toEqual([])
  })

  test('an address twice, a column that is none, an empty file and a broken one are refused', async () => {
    for (const [name, text, why] of [
      ['twice.csv', 'email,name\na@acme.example,A\nA@acme.example,B\n', 'is in line 2 already'], ['later.csv', 'email,name\nnobody,N\na@acme.example,A\nA@acme.example,B\n', 'later.csv:4:1'], ['column.csv', 'email,full_nmae\na@acme.example,A\n', 'did you mean full_name?'],
      ['empty.csv', '', 'has no users'], ['header.csv', 'email,full_name\n', 'has no users'], ['open.csv', 'email,full_name\n"a@acme.example,A\n', 'not closed'],
      ['broken.json', '[{"email": "a@acme.example",}]', 'broken.json:1'], ['other.json', '{"people": []}', 'list users'], ['type.json', '[{"email": 7, "full_name": ["x"]}]', 'not a text'],
    ] as const) {
      await at.write(name, text)
      const { exit, stderr } = await at.run(`users import acme --file ${name}`)
      expect([name, exit, stderr]).toEqual([name, 3, expect.stringContaining(why)])
    }
    expect(await users()).toEqual([])
  })

  test('an administrator keeps the role; whom a directory describes is left to it', async () => {
    await at.sql(`INSERT INTO users (tenant_id, email, full_name, role) SELECT id, 'root@acme.example', 'Root', 'admin' FROM tenants`)
    await at.sql(`INSERT INTO users (tenant_id, email, full_name, document) SELECT id, 'dir@acme.example', 'From the directory', '{}' FROM tenants`)
    await at.write('lower.csv', 'email,full_name,role\nroot@acme.example,Root,member\nnew@acme.example,New,\n')
    const { exit, stderr } = await at.run('users import acme --file lower.csv')
    expect([exit, stderr]).toEqual([3, expect.stringContaining('is an administrator')])
    await at.write('dir.csv', 'email,full_name\nroot@acme.example,Root Renamed\nDIR@acme.example,From the file\n')
    expect((await imported('dir.csv')).result).toMatchObject({ changed: 1, left_to_directory: 1, found: 1 })
    expect((await users()).map(({ full_name }) => full_name)).toEqual(['From the directory', 'Root Renamed'])
  })

  test('stopped in the middle, whole batches are there, and the next run does the rest', async () => {
    await at.write('many.csv', lines(450))
    await at.sql(`CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF new.email = 'u300@acme.example' THEN RAISE 'stopped'; END IF; RETURN new; END $$;
                  CREATE TRIGGER stop BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION stop()`)
    expect((await at.run('users import acme --file many.csv')).exit).not.toBe(0)
    expect(await users()).toHaveLength(200)
    await at.sql('DROP TRIGGER stop ON users')
    expect((await imported('many.csv')).result).toMatchObject({ outcome: 'imported', created: 250, unchanged: 200, found: 450, others: 0 })
  })

  test('killed by SIGKILL it is the same; each batch is in the journal', async () => {
    await at.write('killed.csv', lines(1_200))
    const before = await batches()
    const running = start(['users', 'import', 'acme', '--file', 'killed.csv'], at)
    await running.said('400 of 1200')
    running.process.kill('SIGKILL')
    await running.ended
    const there = (await users()).length
    expect([there % 200, there >= 400, there < 1_200]).toEqual([0, true, true])
    const { result } = await imported('killed.csv')
    expect(result).toMatchObject({ outcome: 'imported', created: 1_200 - there, unchanged: there, found: 1_200 })
    expect(await batches()).toBe(before + 6)
  })
})
