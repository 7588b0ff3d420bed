/** README and docs are true where that is cheap to see: commands, flags, links, exit codes, the action that is written out. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { execa } from 'execa'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Action, Effect } from '../../src/contract.ts'
import { EXIT } from '../../src/errors.ts'
import { packageRoot } from '../../src/package.ts'
import { testDatabase } from '../support/database.ts'
import { commandConfig } from '../support/cli.ts'
import { createWorld } from '../support/world.ts'
import { blocksOf, commandLines, pages, proseOf } from './pages.ts'

const config = await commandConfig()

/** What is wrong with `onboard …`: an unknown command or a flag that it does not have. */
function wrong(words: readonly string[]): string | undefined {
  const said = `onboard ${words.join(' ')}`
  if (words[0]?.startsWith('-')) return ['--version', '--help'].includes(words[0]) ? undefined : said
  const command = config.findCommand(`${words[0]}:${words[1]}`) ?? config.findCommand(words[0] ?? '')
  if (!command) return config.findTopic(words[0] ?? '') && words.length === 1 ? undefined : `${said}: no such command`
  const flags = Object.values(command.flags)
  const names = new Set(flags.flatMap((one) => [one.name, ...('allowNo' in one && one.allowNo ? [`no-${one.name}`] : [])]))
  for (const word of words) {
    const [, long] = /^--([a-z-]+)/.exec(word) ?? []
    if (long !== undefined && long !== 'help' && !names.has(long)) return `${said}: no flag --${long}`
    const [, short] = /^-(\w)$/.exec(word) ?? []
    if (short !== undefined && !flags.some(({ char }) => char === short)) return `${said}: no flag -${short}`
  }
  return undefined
}

const anchorOf = (heading: string) => heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-')

describe.each(pages.map((page) => [page.file, page] as const))('%s', (_file, page) => {
  test('every command and flag that it names exists', () => {
    expect(commandLines(page).map(wrong).filter((finding) => finding !== undefined)).toEqual([])
  })

  test('every link inside the repository leads somewhere', () => {
    const broken = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link).filter((link) => {
      if (/^https?:/.test(link)) return false
      const [path = '', anchor] = link.split('#')
      const file = path === '' ? join(packageRoot, page.file) : join(packageRoot, dirname(page.file), path)
      if (!existsSync(file)) return true
      const headings = anchor === undefined ? [] : readFileSync(file, 'utf8').split('\n').filter((line) => /^#+ /.test(line))
      return anchor !== undefined && !headings.some((line) => anchorOf(line.replace(/^#+ /, '')) === anchor)
    })
    expect(broken).toEqual([])
  })
})

test('the commands are found where they stand', () => {
  const found = (text: string) => commandLines({ file: 'x.md', text }).map((words) => words.join(' '))
  expect(found('`onboard plan acme --out F`, not `npm onboard`, `src/onboard x`')).toEqual(['plan acme --out F'])
  expect(found('```console\n$ npx onboard apply acme\nonboard is said here\n```')).toEqual(['apply acme'])
  expect(found('```sh\nA=1 B="x y" npx onboard status && onboard doctor # onboard nothing\n```')).toEqual(['status', 'doctor'])
  expect(found('```sh\npsql "$(npx onboard db url --role reader)"\n```')).toEqual(['db url --role reader'])
  expect(found('```yaml\n- run: npx onboard plan "$C" --out p.json\n```')).toEqual(['plan $C --out p.json'])
  expect(wrong(['plan', 'acme', '--fase', 'x'])).toContain('--fase')
  expect(wrong(['plna', 'acme'])).toContain('no such command')
})

test('steps that help and pages name are those of the shipped runbook', () => {
  const phases = new Map(['handoff', 'contract', 'provision'].map((phase) => {
    const text = readFileSync(join(packageRoot, 'runbooks/enterprise/phases', `${phase}.yaml`), 'utf8')
    return [phase, [...text.matchAll(/^ +- id: (\w+)/gm)].map(([, id = '']) => id)]
  }))
  const lines = [
    ...pages.flatMap(commandLines).map((words) => words.join(' ')),
    ...config.commands.flatMap(({ examples = [] }) => examples as string[]),
  ]
  const unknown = lines.filter((line) => {
    const [, phase = '', step = ''] = /(?: acme|--step|--to) (handoff|contract|provision)\.(\w+)( |$)/.exec(line) ?? []
    return phase !== '' && !phases.get(phase)?.includes(step)
  })
  expect(unknown).toEqual([])
})

test('the table of exit codes is that of src/errors.ts', () => {
  const text = pages.find(({ file }) => file === 'docs/exit-codes.md')?.text ?? ''
  const rows = [...text.matchAll(/^\| (\d+) \| (\w+) \|/gm)].map(([, code, kind]) => [kind, Number(code)])
  expect(Object.fromEntries(rows)).toEqual(EXIT)
})

describe('the actions that are written out', () => {
  const page = pages.find(({ file }) => file === 'docs/writing-an-action.md')
  const blocks = page === undefined ? [] : blocksOf(page).filter(({ language }) => language === 'ts')
  const folder = mkdtempSync(join(tmpdir(), 'onboard-docs-'))
  const fileOf = (n: number) => join(folder, `example-${n}.ts`)
  const at = (place: string) => join(packageRoot, place)

  beforeAll(() => {
    blocks.forEach(({ text }, n) => writeFileSync(fileOf(n), text.replaceAll(`'../../`, `'${at('src')}/`).replaceAll(`'../support/`, `'${at('test/support')}/`)))
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({
      extends: at('tsconfig.json'), include: ['*.ts'], compilerOptions: { typeRoots: [at('node_modules/@types')], rewriteRelativeImportExtensions: false },
    }))
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }))
    return () => rmSync(folder, { recursive: true })
  })

  test('compile', async () => {
    expect(blocks.length).toBe(3)
    const { stdout, exitCode } = await execa(process.execPath, [at('node_modules/typescript/bin/tsc'), '-p', folder], { reject: false })
    expect(stdout).toBe('')
    expect(exitCode).toBe(0)
  })

  test('and the effect does, leaves alone and takes back what it says', async () => {
    const action = ((await import(pathToFileURL(fileOf(0)).href)) as { default: Effect<never, never> }).default
    const world = await createWorld(await testDatabase())
    await world.sql(`CREATE TABLE flag_overrides (tenant text, flag text, is_on boolean NOT NULL, PRIMARY KEY (tenant, flag));
      GRANT SELECT ON flag_overrides TO onboard_reader; GRANT SELECT, INSERT, UPDATE, DELETE ON flag_overrides TO onboard_app`)
    const rows = () => world.sql('SELECT * FROM flag_overrides')
    const first = await world.apply(action as unknown as Action, action.example)
    expect(await rows()).toEqual([{ tenant: 'acme', flag: 'new-editor', is_on: true }])
    expect((await world.apply(action as unknown as Action, action.example)).change).toBeNull()
    await world.undo(action as unknown as Action, first)
    expect(await rows()).toEqual([])
    await world.close()
  })
})
