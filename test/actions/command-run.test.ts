import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import command from '../../src/actions/command/run.ts'
import { createExec } from '../../src/adapters/exec.ts'
import { testDatabase } from '../support/database.ts'
import { actionLaws } from '../support/laws.ts'
import { createWorld, type World } from '../support/world.ts'

const folder = mkdtempSync(join(tmpdir(), 'onboard-command-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const script = (name: string, text: string): string => {
  const file = join(folder, name)
  writeFileSync(file, `#!/bin/sh\n${text}\n`)
  chmodSync(file, 0o755)
  return file
}
const log = join(folder, 'happened')
const run = script('run', `touch "$1"; echo x >> ${log}`)
const check = script('check', 'test -e "$1" && exit 0; exit 1')
const take = script('take', 'rm "$1"')
const happened = (): number => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n').length : 0)
const exec = createExec({ env: process.env, cwd: folder })
const mark = join(folder, 'it is done; $(touch never) "quoted"')
const input = { run: [run, mark], check: [check, mark], undo: [take, mark] }

actionLaws('command.run', {
  'a program that is needed': { input, exec, happened, given: async () => rmSync(mark, { force: true }) },
})

describe('command.run', () => {
  let world: World
  beforeAll(async () => {
    world = await createWorld(await testDatabase(), { form: 'reference' }, exec)
    return () => world.close()
  })

  test('arguments are a list: no shell reads them', () => {
    expect(existsSync(join(folder, 'never'))).toBe(false)
  })

  test('a check that exits other than 0 or 1 is an error, with what it said', async () => {
    const broken = script('broken', 'echo no database >&2; exit 2')
    await expect(world.apply(command as never, { run: [run, mark], check: [broken] })).rejects.toMatchObject({
      kind: 'failed',
      code: 'program-failed',
      message: expect.stringMatching(/^check: .*broken exited 2: no database$/) as string,
    })
  })

  test('a program that fails, or does not end, is an error', async () => {
    const never = script('never-done', 'exit 1')
    await expect(
      world.apply(command as never, { run: [script('fails', 'exit 7')], check: [never] }),
    ).rejects.toMatchObject({ message: expect.stringMatching(/^run: .* exited 7$/) as string })
    await expect(
      world.apply(command as never, { run: [script('sleeps', 'sleep 60')], check: [never], timeout: 1 }),
    ).rejects.toMatchObject({ message: expect.stringMatching(/was killed after 1 s/) as string })
  })

  test('without undo it is refused to undo, and says so', async () => {
    rmSync(mark, { force: true })
    const applied = await world.apply(command as never, { run: [run, mark], check: [check, mark] })
    await expect(world.undo(command as never, applied)).rejects.toMatchObject({
      kind: 'conflict',
      code: 'irreversible',
    })
  })

  test('a program learns the key of its step, and only what is named of the environment', async () => {
    const out = join(folder, 'env')
    const spy = script('spy', `env > ${out}`)
    await world.apply(command as never, {
      run: [spy],
      check: [script('seen', `test -e ${out} && exit 0; exit 1`)],
      env: { COLOUR: 'green' },
    })
    const seen = readFileSync(out, 'utf8')
    expect(seen).toContain('ONBOARD_KEY=acme/provision/step')
    expect(seen).toContain('COLOUR=green')
    expect(seen).not.toContain('ONBOARD_HOME')
  })
})
