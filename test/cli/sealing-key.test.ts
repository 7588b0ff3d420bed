import { execFile } from 'node:child_process'
import { chmod, mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeEach, describe, expect, test } from 'vitest'
import { Context } from '../../src/cli/context.ts'
import { sealOf } from '../../src/cli/sealing-key.ts'
import { Secret } from '../../src/contract.ts'

const KEY = Buffer.alloc(32, 7).toString('base64')
const PLACE = ['column', 'tenant', 'row'] as const
const here = import.meta.dirname
let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'onboard-key-'))
  await chmod(home, 0o755)
})

const context = (env: Record<string, string>): Context =>
  new Context({ env: { ONBOARD_HOME: home, ONBOARD_DATABASE_URL: 'embedded:x', ...env }, cwd: home } as never, {})
const SERVER = 'postgresql://db.vendor.example/crm'

describe('the sealing key', () => {
  test('of the embedded server is made at the first use, for its owner alone, and stays', async () => {
    const sealed = (await sealOf(context({}))).seal(new Secret('s'), PLACE)
    const file = join(home, 'sealing.key')
    expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600')
    const made = await readFile(file, 'utf8')
    expect(Buffer.from(made, 'base64')).toHaveLength(32)
    expect((await sealOf(context({}))).open(sealed, PLACE).reveal()).toBe('s')
    expect(await readFile(file, 'utf8')).toBe(made)
  })

  test('that several processes make at once is one', async () => {
    const program = `
      const { Context } = await import(${JSON.stringify(join(here, '../../src/cli/context.ts'))})
      const { sealOf } = await import(${JSON.stringify(join(here, '../../src/cli/sealing-key.ts'))})
      const { Secret } = await import(${JSON.stringify(join(here, '../../src/contract.ts'))})
      const env = { ONBOARD_HOME: ${JSON.stringify(home)}, ONBOARD_DATABASE_URL: 'embedded:x' }
      const seal = await sealOf(new Context({ env, cwd: env.ONBOARD_HOME }, {}))
      process.stdout.write(seal.seal(new Secret('s'), ['column', 'tenant', 'row']))`
    const run = promisify(execFile)
    const all = await Promise.all(Array.from({ length: 4 }, () => run(process.execPath, ['--input-type=module', '-e', program])))
    const seal = await sealOf(context({}))
    for (const { stdout } of all) expect(seal.open(stdout, PLACE).reveal()).toBe('s')
  })

  test('is taken from a file or the environment, the file first', async () => {
    const file = join(home, 'key')
    await writeFile(file, `${KEY}\n`)
    const byFile = await sealOf(context({ ONBOARD_SEALING_KEY_FILE: file, ONBOARD_SEALING_KEY: Buffer.alloc(32, 8).toString('base64') }))
    const sealed = byFile.seal(new Secret('s'), PLACE)
    expect((await sealOf(context({ ONBOARD_SEALING_KEY: KEY, ONBOARD_DATABASE_URL: SERVER }))).open(sealed, PLACE).reveal()).toBe('s')
  })

  test("on a server of one's own it must be given: none is made that another machine would not have", async () => {
    await expect(sealOf(context({ ONBOARD_DATABASE_URL: SERVER }))).rejects.toMatchObject({ kind: 'invalid', code: 'no-sealing-key', message: expect.stringContaining('ONBOARD_SEALING_KEY_FILE') })
  })

  test.each([['short'], [Buffer.alloc(31).toString('base64')], [Buffer.alloc(33).toString('base64')], [`${KEY.slice(0, -4)}!!!=`], ['']])('%j in a file is no key, and no part of it is said', async (text) => {
    const file = join(home, 'key')
    await writeFile(file, text)
    const error = await sealOf(context({ ONBOARD_SEALING_KEY_FILE: file })).catch((thrown: unknown) => thrown as Error)
    expect(error).toMatchObject({ kind: 'invalid', code: 'sealing-key' })
    if (text !== '') expect((error as Error).message).not.toContain(text)
  })

  test('in a file that is not there is said with its name', async () => {
    await expect(sealOf(context({ ONBOARD_SEALING_KEY_FILE: 'nowhere' }))).rejects.toMatchObject({ code: 'sealing-key', message: expect.stringContaining('nowhere (ONBOARD_SEALING_KEY_FILE) cannot be read: ENOENT') })
  })
})
