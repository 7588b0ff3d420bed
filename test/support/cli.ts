import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { expect } from 'vitest'
import { packageRoot } from '../../src/package.ts'

// oclif imports the command files itself, past vitest; main must come from the same module graph as they do.
const required = createRequire(import.meta.url)('../../src/cli/main.ts') as typeof import('../../src/cli/main.ts')
const { main, commandConfig } = required
export { commandConfig }

export interface Ran {
  readonly exit: number
  readonly stdout: string
  readonly stderr: string
}

interface World {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  /** Both output streams are a terminal. */
  readonly tty?: boolean
}

/** Runs a command line in this process, as bin/run.js does, off a terminal. */
export async function cli(
  argv: readonly string[], { cwd = packageRoot, env = {}, stdin = '', tty = false }: World = {},
): Promise<Ran> {
  const written = { stdout: '', stderr: '' }
  const sink = (name: 'stdout' | 'stderr') => (
    { isTTY: tty, columns: 100, write: (text: string) => void (written[name] += text) }
  )
  const input = new PassThrough()
  input.end(stdin)
  const { PATH = '', HOME = '', ONBOARD_HOME = HOME } = process.env
  const XDG_CACHE_HOME = `${ONBOARD_HOME}/cache`
  const exit = await main(argv, {
    stdin: input, stdout: sink('stdout'), stderr: sink('stderr'), env: { PATH, HOME, XDG_CACHE_HOME, ...env }, cwd,
  })
  return { exit, ...written }
}

const ajv = new Ajv({ allErrors: true, strict: false })
;(addFormats as unknown as (to: Ajv) => void)(ajv)

/** Checks a value against schemas/results/<name>.schema.json. */
export function expectResult(name: string, value: unknown): void {
  const id = `result:${name}`
  const file = join(packageRoot, 'schemas', 'results', `${name}.schema.json`)
  const validate = ajv.getSchema(id)
    ?? ajv.compile({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), $id: id })
  validate(value)
  expect(validate.errors ?? [], `--json against schemas/results/${name}.schema.json`).toEqual([])
}

/** Runs a command with --json, checks what it printed against its schema, and gives it. */
export async function cliJson<R = Record<string, unknown>>(
  schema: string, argv: readonly string[], world: World = {},
): Promise<{ exit: number; result: R }> {
  const { exit, stdout } = await cli([...argv, '--json'], world)
  const result = JSON.parse(stdout) as R
  expectResult(schema, result)
  return { exit, result }
}
