import { execFileSync } from 'node:child_process'
import { mkdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ownWorkspace, type OwnWorkspace } from '../support/own-runbook.ts'

let at: OwnWorkspace
const PHASE = `apiVersion: onboard/v1
phase: one
title: One
owner: [legal]
mode: parallel
steps:
  - { id: contract, title: Contract, uses: confirm, with: { text: "Signed?", evidence: required }, binds: [handoff.commercial] }
  - { id: other, title: Other, uses: confirm, with: { text: "Well?" } }
`
const PEOPLE = `  legal: [{ name: Lea, email: lea@vendor.example }]
  engineering: [{ name: Eva Weber, email: eva@vendor.example }]
`
const accept = 'handoff accept --file acme.yaml --runbook ours'
const sign = (file: string) => at.run(`sign acme contract --signer lea@vendor.example --evidence ${file}`)

beforeEach(async () => {
  at = await ownWorkspace({ roles: ['legal', 'engineering'], people: PEOPLE, phases: { one: PHASE } })
})
afterEach(() => at.remove())

test('what was handed in can be read again, byte for byte, by its digest alone', async () => {
  await at.run(accept)
  const bytes = Buffer.from([0, 255, 10, 13, 37, 80, 68, 70])
  await writeFile(join(at.cwd, 'proof.pdf'), bytes)
  expect((await sign('proof.pdf')).exit).toBe(0)
  expect((await at.run('sign acme other --signer lea@vendor.example')).exit).toBe(0)
  const { result } = await at.json<{ evidence: { digest: string }[] }>('evidence-list', 'evidence list acme')
  expect(result.evidence).toMatchObject([{ name: 'proof.pdf', size: 8, step: 'one.contract', by: 'Lea', seq: 3 }])
  const short = result.evidence[0]?.digest.slice(0, 12) ?? ''
  expect((await at.run('audit log acme')).stdout).toContain(`evidence ${short}`)
  const shown = await at.json('evidence-show', `evidence show acme ${short} --out again.pdf`)
  expect(shown.result).toMatchObject({ file: 'again.pdf', name: 'proof.pdf' })
  expect((await readFile(join(at.cwd, 'again.pdf'))).equals(bytes)).toBe(true)
  const taken = await at.run(`evidence show acme ${short} --out again.pdf`)
  expect([taken.exit, taken.stderr]).toEqual([7, expect.stringContaining('again.pdf is there already')])
  expect((await at.run('evidence show acme 000000')).exit).toBe(2)
  expect((await at.run('evidence show acme %')).exit).toBe(2)
})

test('evidence of another customer is not shown', async () => {
  await at.run(accept)
  await at.write('beta.yaml', (await at.read('acme.yaml')).replace('name: Acme Industrial GmbH, slug: acme', 'name: Beta AG, slug: beta'))
  await at.run('handoff accept --file beta.yaml --runbook ours')
  await at.write('proof.txt', 'x')
  await sign('proof.txt')
  const { result } = await at.json<{ evidence: { digest: string }[] }>('evidence-list', 'evidence list acme')
  expect((await at.run(`evidence show beta ${result.evidence[0]?.digest}`)).exit).toBe(2)
})

test('a file that vanished, a link, a folder, a pipe, a device or one that is too big is refused, and nothing is kept', async () => {
  await at.run(accept)
  await at.write('proof.txt', 'x')
  await symlink('proof.txt', join(at.cwd, 'link.txt'))
  await mkdir(join(at.cwd, 'folder'))
  execFileSync('mkfifo', [join(at.cwd, 'pipe')])
  await at.write('big.bin', '')
  await truncate(join(at.cwd, 'big.bin'), 11 * 1024 * 1024)
  for (const [file, says] of [
    ['gone.txt', 'there is no file gone.txt'], ['link.txt', 'is a link'], ['folder', 'folder'], ['pipe', 'not a regular file'],
    ['/dev/null', 'not a regular file'], ['big.bin', 'more than 10485760 bytes'],
  ] as const) {
    const ran = await sign(file)
    expect([ran.exit, ran.stderr], file).toEqual([3, expect.stringContaining(says)])
  }
  expect((await at.json<{ evidence: unknown[] }>('evidence-list', 'evidence list acme')).result.evidence).toEqual([])
})

test('a word given on something that changed since is void, and says so', async () => {
  await at.run(accept)
  await at.write('proof.txt', 'x')
  await sign('proof.txt')
  await at.write('new.yaml', (await at.read('acme.yaml')).replace('users: 1000', 'users: 1100'))
  await at.run('handoff revise acme --file new.yaml --reason more')
  const run = await at.run('apply acme')
  expect([run.exit, run.stdout]).toEqual([5, expect.stringContaining('the sign-off is void')])
})

test('who of engineering takes a handoff on is recorded; in a pipeline nobody needs to be', async () => {
  const wrong = await at.run(`${accept} --accepted-by lea@vendor.example`)
  expect([wrong.exit, wrong.stderr]).toEqual([9, expect.stringContaining('is accepted by engineering or engineering-lead (eva@vendor.example)')])
  expect((await at.run(`${accept} --accepted-by zoe@vendor.example`)).exit).toBe(9)
  const { result } = await at.json('handoff-accept', `${accept} --accepted-by eva@vendor.example`)
  expect(result).toMatchObject({ outcome: 'opened', accepted_by: { person: { name: 'Eva Weber' }, role: 'engineering' } })
  expect((await at.run('audit log acme')).stdout).toMatch(/accepted .*Eva Weber <eva@vendor\.example>, recorded by Rita Recorder/)
  await at.write('beta.yaml', (await at.read('acme.yaml')).replace('name: Acme Industrial GmbH, slug: acme', 'name: Beta AG, slug: beta'))
  const other = await at.json('handoff-accept', 'handoff accept --file beta.yaml --runbook ours')
  expect(other.result).toMatchObject({ outcome: 'opened', accepted_by: null })
})

test('the filled checklist is a document', async () => {
  await at.write('acme.yaml', (await at.read('acme.yaml')).replace(', test_user: sso-test@acme.example', '').replace('name: Ada Meier', 'name: "Ada | <Meier>"'))
  await at.write('acme.yaml', (await at.read('acme.yaml')).replace(/ *executive_sponsor: .*\n/, ''))
  await at.run(accept)
  await at.run('db clock --to 2026-12-03T09:00:00Z')
  const { exit, stdout, stderr } = await at.run('handoff show acme --document')
  expect([exit, stderr, stdout]).toEqual([0, expect.anything(), expect.stringMatching(/^# .*checklist of Acme Industrial GmbH/m)])
  expect(stdout).toMatch(/9\d% complete/)
  expect(stdout).toContain('- [ ] technical.sso.test')
  expect(stdout).not.toContain('Ada | <Meier>')
  expect(stdout).toContain('| Executive sponsor | not given |')
  // That of the version, not of the day on which it is read.
  expect(stdout).toContain('version 1 of 2026-11-20')
})
